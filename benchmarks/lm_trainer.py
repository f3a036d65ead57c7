"""Language models learned by our loop and by transformers' `Trainer`, with a clock that hears every step.

Both get the same weights or sizes, the same texts, tokenizer, threads, number format and optimizer settings. Refuses to
know: what is compared, and goals.

Shapes: B rows of a batch, T tokens of a row, V vocabulary.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seatrial.artifact.machine import cpu_count
from seatrial.data.dataset import read_split
from seatrial.data.prepare import prepare
from seatrial.models.fresh import fresh_model
from seatrial.models.quiet import quiet_transformers
from seatrial.models.surprise import NATS
from seatrial.progress import silent
from seatrial.records import Example
from seatrial.spec.load import load_spec
from seatrial.spec.project import ProjectSpec
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks import TASKS
from seatrial.tasks.foresight import BYTES
from seatrial.tasks.next_token import Validated
from seatrial.train.fit import fit

__all__ = ["Clock", "Learned", "Material", "Rows", "Schedule", "judged", "learn_ours", "learn_theirs", "material_of"]

RECIPES = Path(__file__).parent.parent / "recipes"
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Material:
    """What every contender gets.

    Attributes:
        spec: of the recipe.
        task: causal-lm.
        base: a folder with the tokenizer and our network, fresh.
        train: examples.
        validation: examples.
    """

    spec: ProjectSpec
    task: Any
    base: Path
    train: Sequence[Example]
    validation: Sequence[Example]

    @property
    def tokenizer(self) -> Any:
        """Of the base."""
        return self.task.load_tokenizer(self.base, self.spec.model.max_length)

    def documents(self) -> list[list[int]]:
        """Token ids of the training texts, with what begins and ends each."""
        found: list[list[int]] = self.tokenizer.documents([self.task.text(example) for example in self.train])
        return found


@contextmanager
def material_of(recipe: str, *, model: Mapping[str, Any] | None = None) -> Iterator[Material]:
    """The data of a recipe, split as it says, and a fresh network with its tokenizer.

    Args:
        recipe: its folder below `recipes/`.
        model: keys of the section `model` to change.
    """
    project = RECIPES / recipe
    spec = load_spec(project / "seatrial.yaml")
    if model:
        spec = spec.model_copy(update={"model": ModelSpec.model_validate({**spec.model.model_dump(), **model})})
    task = TASKS.get(spec.task)()
    with tempfile.TemporaryDirectory() as folder:
        data, base = Path(folder) / "data", Path(folder) / "base"
        data.mkdir()
        base.mkdir()
        settings: dict[str, Any] = {"labels": (), "root": project, "seed": spec.seed, "progress": silent}
        prepare(spec.data, task=task, out=data, **settings)
        train, validation = read_split(data, "train"), read_split(data, "validation")
        assert spec.model.network is not None
        fresh_model(
            [task.text(example) for example in train],
            spec.model.network,
            spec.model.tokenizer,
            kind="decoder",
            max_length=spec.model.max_length,
            seed=spec.seed,
            out=base,
            progress=silent,
        )
        yield Material(spec, task, base, train, validation)


@dataclass
class Clock:
    """How long each step took. Steps before which something else ran, such as a validation, are left out.

    Attributes:
        steps_s: seconds.
        busy_s: seconds of processors, over all threads: what others do on the machine hardly counts.
    """

    steps_s: list[float] = field(default_factory=list)
    busy_s: list[float] = field(default_factory=list)
    _last: tuple[float, float] = (0.0, 0.0)
    _paused: bool = True

    def step(self) -> None:
        """A step is over."""
        now = time.perf_counter(), time.process_time()
        if not self._paused:
            self.steps_s.append(now[0] - self._last[0])
            self.busy_s.append(now[1] - self._last[1])
        self._last, self._paused = now, False

    def pause(self) -> None:
        """Something else runs now."""
        self._paused = True

    def seconds(self, warm: int = 0) -> float:
        """Of a step in the mean, without the first `warm`."""
        return _mean(self.steps_s[warm:])

    def busy(self, warm: int = 0) -> float:
        """The same in seconds of processors."""
        return _mean(self.busy_s[warm:])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def bits_per_byte(outputs: Sequence[NDArray[np.float32]], _: Sequence[Example] = ()) -> Mapping[str, float]:
    """The metric of the task, and of early stopping."""
    nats = sum(float(output[:, NATS].sum(dtype=np.float64)) for output in outputs)
    size = sum(float(output[:, BYTES].sum(dtype=np.float64)) for output in outputs)
    return {"bits_per_byte": nats / size / math.log(2)}


def judged(material: Material, model: torch.nn.Module) -> tuple[float, float]:
    """The mean surprise of a token of the validation split in nats, and bits per byte; every document by itself."""
    tokenizer, task = material.tokenizer, material.task
    reading = task.reading(tokenizer, material.validation)
    loss, scores = Validated(task, tokenizer, material.validation, reading)(model, bits_per_byte, silent)
    return loss, scores["bits_per_byte"]


@dataclass(frozen=True)
class Schedule:
    """Settings of the optimizer, the same for both: AdamW, a rate that rises and falls linearly, gradients clipped."""

    steps: int
    batch: int
    rate: float
    precision: str
    decay: float = 0.1
    warmup: float = 0.06
    seed: int = 17


@dataclass
class Learned:
    """What a run left: its clock, and what the last validation said."""

    clock: Clock = field(default_factory=Clock)
    loss: float = math.nan
    bits_per_byte: float = math.nan


def learn_ours(material: Material, how: Schedule, validation: Sequence[Example]) -> Learned:
    """`fit` as `seatrial run` calls it: with history, TensorBoard and checkpoints."""
    learned = Learned()

    def hear(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        del done, total, figures
        learned.clock.pause() if what == "predict" else learned.clock.step()

    def score(outputs: Sequence[NDArray[np.float32]], _: Sequence[Example]) -> Mapping[str, float]:
        tokens, nats = sum(map(len, outputs)), sum(float(output[:, NATS].sum(dtype=np.float64)) for output in outputs)
        learned.loss, learned.bits_per_byte = nats / tokens, bits_per_byte(outputs)["bits_per_byte"]
        return {"bits_per_byte": learned.bits_per_byte}

    training = TrainingSpec(
        steps=how.steps,
        batch_items=how.batch,
        learning_rate=how.rate,
        weight_decay=how.decay,
        warmup=how.warmup,
        precision=how.precision,
        device="cpu",
        patience=1000,
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "out").mkdir()
        fit(
            training,
            material.spec.model,
            task=material.task,
            base=material.base,
            labels=(),
            train=material.train,
            validation=validation,
            score=score,
            seed=how.seed,
            out=Path(folder) / "out",
            work=Path(folder) / "work",
            progress=hear,
        )
    return learned


def learn_theirs(
    model: torch.nn.Module,
    rows: Rows,
    how: Schedule,
    collate: Callable[[Rows], Mapping[str, torch.Tensor]],
    *,
    loss: Callable[..., torch.Tensor] | None = None,
    sampling: str = "random",
) -> Clock:
    """`Trainer` with its fused AdamW; nothing is logged, saved or validated, and no worker stands between.

    Args:
        model: of transformers; it is left as it was trained.
        rows: training items.
        how: the schedule.
        collate: rows → what the model takes.
        loss: in the place of the model's own.
        sampling: "random" or "group_by_length", which reads the field `length` of rows.
    """
    from transformers import Trainer, TrainerCallback, TrainingArguments
    from transformers.trainer_utils import set_seed

    clock = Clock()

    class Watch(TrainerCallback):  # type: ignore[misc]
        """Hears every step."""

        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.step()

    set_seed(how.seed)
    torch.set_num_threads(cpu_count())
    torch.set_flush_denormal(True)  # as in our loop
    with quiet_transformers(), tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            max_steps=how.steps,
            per_device_train_batch_size=how.batch,
            learning_rate=how.rate,
            weight_decay=how.decay,
            warmup_steps=round(how.warmup * how.steps),
            train_sampling_strategy=sampling,
            length_column_name="length",
            remove_unused_columns=False,
            bf16=how.precision == "bf16",
            use_cpu=True,
            seed=how.seed,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        Trainer(
            model=model,
            args=arguments,
            data_collator=collate,
            train_dataset=rows,
            compute_loss_func=loss,
            callbacks=[Watch()],
        ).train()
    return clock
