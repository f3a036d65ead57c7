"""Time to the same validation accuracy: Seatrial's training against transformers' `Trainer`, in one run.

    python benchmarks/training.py [--texts N] [--epochs N] [--quick] [--out FOLDER]

All contenders get the same texts, raters' targets, base model, seed, threads, number format and number of epochs, and
are scored by the same function three times in an epoch. A contender's clock starts before it tokenizes and loads, and
runs through its validations; Seatrial's also pays for its checkpoints, which the others do not write.

The opponents' learning rate is the best of RATES, found first. Padding changes the time of a step and not what is
learned, so the padded recipe's rate is searched without padding, in batches of like length. Seatrial runs with its
defaults for so much data.

The close contenders run twice, around the slow one, with the same seed; a time is the mean of the two, so that a busy
moment of the machine does not hit one of them alone.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from results import RESULTS, figure, write_results

from seatrial.artifact.machine import cpu_count
from seatrial.data.dataset import read_split
from seatrial.data.prepare import prepare
from seatrial.evaluate.measure import label_indices, scores
from seatrial.models.forward import torch_logits
from seatrial.models.quiet import quiet_transformers
from seatrial.models.reading import whole_texts
from seatrial.progress import silent
from seatrial.records import Example
from seatrial.reference import resolve_model
from seatrial.spec.load import load_spec
from seatrial.spec.project import ProjectSpec
from seatrial.spec.training import TrainingSpec
from seatrial.tasks import TASKS, Task
from seatrial.tokenize.load import encode, load_tokenizer
from seatrial.train.fit import fit
from seatrial.train.runtime import pick_precision

PROJECT = Path(__file__).parent.parent / "examples" / "comments"
RATES = (5e-5, 1e-4, 2e-4)
MAX_LENGTH = 128
VALIDATIONS_PER_EPOCH = 3
EPOCHS = 2
MOST_VALIDATION_TEXTS = 800
METRIC = "accuracy"


@dataclass(frozen=True)
class Material:
    """What every contender gets."""

    spec: ProjectSpec
    base: Path
    train: Sequence[Example]
    validation: Sequence[Example]
    epochs: int
    precision: str
    task: Task

    def texts(self, examples: Sequence[Example]) -> list[str]:
        return [self.task.text(example) for example in examples]

    def accuracy(self, probabilities: NDArray[np.float32]) -> float:
        truth = label_indices(self.validation, self.spec.labels)
        return scores([METRIC], np.asarray(probabilities), truth)[METRIC]


@dataclass(frozen=True)
class Recipe:
    """A way to use `Trainer`."""

    name: str
    padding: str
    sampling: str
    batch: int
    rate: float = 0.0


USUAL = Recipe("Trainer, padding='max_length', max_length=128, batch 16", "max_length", "random", 16)
CAREFUL = Recipe("Trainer, dynamic padding, grouped by length, batch 32", "longest", "group_by_length", 32)


@dataclass
class Curve:
    """Seconds and accuracy at each validation."""

    name: str
    seconds: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)

    def add(self, started: float, accuracy: float) -> None:
        self.seconds.append(time.perf_counter() - started)
        self.accuracy.append(accuracy)
        print(f"  {self.name}: {self.seconds[-1]:7.1f} s  accuracy {accuracy:.4f}", flush=True)

    def time_to(self, target: float) -> float:
        return next(s for s, a in zip(self.seconds, self.accuracy, strict=True) if a >= target)


def ours(material: Material) -> Curve:
    """Seatrial with the defaults of the project file."""
    curve = Curve("Seatrial")
    started = time.perf_counter()

    def score(probabilities: NDArray[np.float32], _: Sequence[Example]) -> Mapping[str, float]:
        curve.add(started, material.accuracy(probabilities))
        return {METRIC: curve.accuracy[-1]}

    changes = {"epochs": material.epochs, "validations_per_epoch": VALIDATIONS_PER_EPOCH, "patience": 1000}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "out").mkdir()
        fit(
            TrainingSpec(**changes),
            material.spec.model,
            task=material.task,
            base=material.base,
            labels=material.spec.labels,
            train=material.train,
            validation=material.validation,
            score=score,
            seed=material.spec.seed,
            out=Path(folder) / "out",
            work=Path(folder) / "work",
            progress=silent,
        )
    return curve


def theirs(material: Material, recipe: Recipe) -> Curve:
    """`Trainer` with one recipe; it learns the raters' distribution too, so that the loop is all that differs."""
    from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer, TrainerCallback
    from transformers.trainer_utils import set_seed

    curve = Curve(f"{recipe.name}, rate {recipe.rate:g}")
    started = time.perf_counter()
    set_seed(material.spec.seed)
    torch.set_num_threads(cpu_count())
    model = material.task.load_model(material.base, material.spec.labels, None)
    ours_tokenizer = load_tokenizer(material.base, MAX_LENGTH)
    train_ids, validation_ids = (
        encode(ours_tokenizer, material.texts(examples)) for examples in (material.train, material.validation)
    )
    targets = material.task.targets(material.train, whole_texts(train_ids), material.spec.labels, soft=True)
    rows = [
        {"input_ids": ids, "labels": target.tolist(), "length": len(ids)}
        for ids, target in zip(train_ids, targets, strict=True)
    ]
    steps = -(-len(rows) // recipe.batch)
    marks = {round(steps * part / VALIDATIONS_PER_EPOCH) for part in range(1, VALIDATIONS_PER_EPOCH + 1)}

    class Watch(TrainerCallback):  # type: ignore[misc]
        """Scores the validation split as Seatrial does, after each half epoch."""

        def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
            if (state.global_step - 1) % steps + 1 in marks:
                with torch.autocast("cpu", torch.bfloat16, enabled=material.precision == "bf16"):
                    logits = torch_logits(model, validation_ids)
                curve.add(started, material.accuracy(material.task.outputs(logits, 1.0)))

    def loss(outputs: Any, labels: torch.Tensor, **_: Any) -> torch.Tensor:
        return material.task.loss(outputs["logits"], labels, None)

    with quiet_transformers(), tempfile.TemporaryDirectory() as folder:
        tokenizer = AutoTokenizer.from_pretrained(material.base)
        Trainer(
            model=model,
            args=_arguments(material, recipe, steps, folder),
            data_collator=_without_length(
                DataCollatorWithPadding(tokenizer, padding=recipe.padding, max_length=MAX_LENGTH)
            ),
            train_dataset=rows,
            compute_loss_func=loss,
            callbacks=[Watch()],
        ).train()
    return curve


def _arguments(material: Material, recipe: Recipe, steps: int, folder: str) -> Any:
    """The recipe as `TrainingArguments`; decay and warm-up are Seatrial's, nothing is logged or saved."""
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=material.epochs,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.rate,
        weight_decay=material.spec.training.weight_decay,
        warmup_steps=round(material.spec.training.warmup * steps * material.epochs),
        train_sampling_strategy=recipe.sampling,
        length_column_name="length",
        remove_unused_columns=False,
        bf16=material.precision == "bf16",
        use_cpu=True,
        seed=material.spec.seed,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def _without_length(collate: Any) -> Any:
    """The column `length` steers the grouping and is no input of the model."""
    return lambda rows: collate([{k: v for k, v in row.items() if k != "length"} for row in rows])


def best_rate(material: Material, recipe: Recipe, rates: Sequence[float]) -> Recipe:
    """The recipe at the rate with which it learns best, searched without padding."""
    print(f"search the rate of: {recipe.name}", flush=True)
    quick = Recipe(recipe.name, "longest", "group_by_length", recipe.batch)
    found = {rate: max(theirs(material, _at(quick, rate)).accuracy) for rate in rates}
    return _at(recipe, max(found, key=lambda rate: found[rate]))


def _at(recipe: Recipe, rate: float) -> Recipe:
    return Recipe(recipe.name, recipe.padding, recipe.sampling, recipe.batch, rate)


def load_material(texts: int, epochs: int) -> Material:
    """The flagship's own split; of the training part the first `texts` in a seeded order."""
    spec = load_spec(PROJECT / "seatrial.yaml")
    task = TASKS.get(spec.task)()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        prepare(
            spec.data,
            task=task,
            labels=spec.labels,
            root=PROJECT,
            seed=spec.seed,
            out=out,
            progress=silent,
        )
        train, validation = read_split(out, "train"), read_split(out, "validation")
    rng = random.Random(spec.seed)
    rng.shuffle(train)
    rng.shuffle(validation)
    base = resolve_model(spec.model.base, revision=spec.model.revision, root=PROJECT)
    return Material(
        spec,
        base,
        train[:texts],
        validation[: min(max(64, texts // 4), MOST_VALIDATION_TEXTS)],
        epochs,
        pick_precision(spec.training.precision, "cpu"),
        task,
    )


def average(runs: Sequence[Curve]) -> Curve:
    """One curve with the mean times of several runs of the same contender."""
    seconds = [sum(times) / len(runs) for times in zip(*(run.seconds for run in runs), strict=True)]
    accuracy = [sum(values) / len(runs) for values in zip(*(run.accuracy for run in runs), strict=True)]
    return Curve(runs[0].name, seconds, accuracy)


def figures_of(mine: Curve, usual: Curve, careful: Curve, n: int) -> list[dict[str, Any]]:
    """Times to the highest accuracy that all three reach, and their ratios."""
    target = min(max(curve.accuracy) for curve in (mine, usual, careful))
    times = {curve.name: curve.time_to(target) for curve in (mine, usual, careful)}
    rows = [figure("validation accuracy that all contenders reach", target, "share", n=n)]
    rows += [figure(f"time to it: {name}", seconds, "s", n=n) for name, seconds in times.items()]
    rows += [figure(f"time of the whole schedule: {c.name}", c.seconds[-1], "s", n=n) for c in (mine, usual, careful)]
    rows += [figure(f"best accuracy: {c.name}", max(c.accuracy), "share", n=n) for c in (mine, usual, careful)]
    for opponent, bound in ((usual, 4.0), (careful, 1.0)):
        ratio = times[opponent.name] / times[mine.name]
        whole = opponent.seconds[-1] / mine.seconds[-1]
        rows.append(
            figure(
                "training speed, time to equal accuracy",
                ratio,
                "x",
                goal=f">= {bound:g}",
                met=ratio >= bound,
                opponent=opponent.name,
                n=n,
            )
        )
        rows.append(figure("training speed, whole schedule", whole, "x", opponent=opponent.name, n=n))
    return rows


def main() -> None:
    """Run the contenders one after the other and write `training.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=4000, help="training texts (default 4000; the whole has 16,500)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="passes over them, for everyone")
    parser.add_argument("--quick", action="store_true", help="256 texts, 1 epoch, 1 rate: does it run at all?")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    options = parser.parse_args()
    if options.quick and options.out == RESULTS:
        parser.error("--quick measures nothing worth keeping: give --out FOLDER")
    material = load_material(256 if options.quick else options.texts, 1 if options.quick else options.epochs)
    rates = RATES[-1:] if options.quick else RATES
    print("warm up: what is imported once must not count for whoever runs first", flush=True)
    little = replace(material, train=material.train[:64], epochs=1)
    ours(little)
    theirs(little, _at(CAREFUL, rates[0]))
    careful, usual = best_rate(material, CAREFUL, rates), best_rate(material, USUAL, rates)
    mine, fast = [ours(material)], [theirs(material, careful)]
    slow = theirs(material, usual)
    mine.append(ours(material))
    fast.append(theirs(material, careful))
    note = (
        f"{len(material.train)} of the flagship's training texts, {len(material.validation)} validation texts, "
        f"{material.epochs} epochs, {material.precision}, {cpu_count()} threads"
    )
    rows = figures_of(average(mine), slow, average(fast), len(material.train))
    print(write_results("training", rows, seed=material.spec.seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
