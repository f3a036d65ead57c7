"""Does augmentation help? The project's model trained with it and without, with the same seeds, beside each other.

Validation only: the test split is not looked at. Each way is trained once for every seed; a figure is the mean over the
seeds, and the interval of a difference is the paired bootstrap over validation examples, all seeds at once. It says how
sure the difference is on other texts, not on other seeds; those are in the table, one by one.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import SpecError
from seatrial.progress import Progress
from seatrial.records import Example, Measurement, Report
from seatrial.spec.data_augment import Augmentation
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Known, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WITHOUT", "augmentation_trial"]

WITHOUT = "without"


def augmentation_trial(
    spec: ProjectSpec,
    root: Path,
    ways: Mapping[str, Sequence[Augmentation]],
    *,
    seeds: Sequence[int],
    train_examples: int | None = None,
    work: Path,
    progress: Progress,
) -> Report:
    """Train with each way to augment and without, and compare on validation.

    Args:
        spec: the resolved project file; its own `data.augment` is not used.
        root: the project's folder.
        ways: name → steps. "without" is always there and need not be named.
        seeds: of training and of augmentation; the split is always that of the project.
        train_examples: start from so many training examples, chosen by the project's seed; None takes all.
        work: an empty folder for models, which are removed again as soon as they have answered.
        progress: hears each training.

    Returns:
        Measurements of the task's primary metric: each way, and each way over "without" (`over`). Tables `seeds` {way,
        seed, value} and `made` {way, seed, examples, augmented}.

    Raises:
        SpecError: the task has nothing to train, or a step cannot be meant.
        DataError: the sources cannot be used.
    """
    from seatrial.evaluate.metrics import METRICS

    task = TASKS.get(spec.task, where="task")()
    if not task.trainable:
        raise SpecError(f"the task {task.name} trains nothing, so there is nothing to compare", where="task")
    if spec.model.network is not None:
        raise SpecError(
            "ways to augment are compared on a pretrained model", where="model.network", hint="name one in model.base"
        )
    labels, splits = _prepared(spec, root, task, work / "data", progress)
    train = _some(splits["train"], train_examples, spec.seed)
    validation = splits["validation"]
    training = _Training(spec, root, task, labels, validation, work, progress)
    truth = task.truth(validation, labels)
    metric = METRICS.get(task.primary_metric)
    said: dict[str, list[NDArray[np.float32]]] = {}
    made: list[dict[str, Any]] = []
    for seed in seeds:
        for name, steps in {WITHOUT: (), **ways}.items():
            more = training.more(train, steps, seed)
            made.append({"way": name, "seed": seed, "examples": len(train), "augmented": len(more)})
            said.setdefault(name, []).append(training.label_scores([*train, *more], seed))
    table = [
        {"way": name, "seed": seed, "value": metric.compute(scores, truth)}
        for name, by_seed in said.items()
        for seed, scores in zip(seeds, by_seed, strict=True)
    ]
    return Report(
        stage="augment",
        measurements=tuple(_compared(spec, task.primary_metric, said, truth)),
        tables={"seeds": table, "made": made},
        facts={"train": len(train), "validation": len(validation), "seeds": list(seeds)},
    )


def _prepared(
    spec: ProjectSpec, root: Path, task: Task, out: Path, progress: Progress
) -> tuple[tuple[str, ...], dict[str, list[Example]]]:
    from seatrial.data.dataset import read_labels, read_split
    from seatrial.data.prepare import prepare
    from seatrial.pipeline.release_entities import open_entities_in

    out.mkdir(parents=True)
    data = spec.data.model_copy(update={"augment": []})
    prepare(
        data,
        task=task,
        labels=spec.labels,
        root=root,
        seed=spec.seed,
        out=out,
        open_entities=open_entities_in(root),
        progress=progress,
    )
    return read_labels(out), {split: read_split(out, split) for split in ("train", "validation")}


def _some(train: list[Example], count: int | None, seed: int) -> list[Example]:
    """The first `count` in an order that looks random; a smaller number takes a part of what a larger one takes."""
    from seatrial.data.split.components import shuffled

    return train if count is None else sorted(train, key=lambda example: shuffled(example, seed))[:count]


@dataclass(frozen=True, slots=True)
class _Training:
    """What all trainings of a trial share."""

    spec: ProjectSpec
    root: Path
    task: Task
    labels: Sequence[str]
    validation: Sequence[Example]
    work: Path
    progress: Progress

    def more(self, train: Sequence[Example], steps: Sequence[Augmentation], seed: int) -> list[Example]:
        """The examples that the steps add."""
        from seatrial.data.augment.augment import augment
        from seatrial.pipeline.encoder_words import encoder_of

        if not steps:
            return []
        with_steps = self.spec.model_copy(update={"data": self.spec.data.model_copy(update={"augment": list(steps)})})
        encoder = encoder_of(with_steps, self.root, self.progress)
        return augment(
            train,
            steps,
            task=self.task,
            held_out=self.validation,
            near=self.spec.data.dedupe.near,
            seed=seed,
            root=self.root,
            encoder=encoder([self.task.text(example) for example in train]) if encoder else None,
            progress=self.progress,
        ).examples

    def label_scores(self, train: Sequence[Example], seed: int) -> NDArray[np.float32]:
        """What a model trained on `train` says about the validation examples: [n, …]."""
        from seatrial.evaluate.measure import scores
        from seatrial.pipeline.label_scores import LabelScores
        from seatrial.reference import resolve_model
        from seatrial.train.fit import fit

        task, labels, model = self.task, self.labels, self.spec.model
        nothing = Known((), np.empty((0, 0), dtype=np.float32))

        def score(outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example]) -> Mapping[str, float]:
            said = task.label_scores(outputs, examples, labels, nothing)
            return scores(task.watched_metrics, said, task.truth(examples, labels))

        out, training = self.work / "model", self.work / "training"
        out.mkdir()
        fit(
            self.spec.training,
            model,
            task=task,
            base=resolve_model(model.base, revision=model.revision, root=self.root),
            labels=labels,
            train=train,
            validation=self.validation,
            score=score,
            seed=seed,
            out=out,
            work=training,
            progress=self.progress,
        )
        tokenizer = task.load_tokenizer(out, model.max_length)
        reading = task.reading(tokenizer, self.validation)
        logits = task.rows(task.load_trained(out), tokenizer, self.validation, reading, self.progress)
        for folder in (out, training):
            shutil.rmtree(folder)
        return LabelScores(task, labels, 1.0, nothing).scores(reading, logits, self.validation)


def _compared(
    spec: ProjectSpec, name: str, said: Mapping[str, Sequence[NDArray[np.float32]]], truth: NDArray[Any]
) -> list[Measurement]:
    """The mean over seeds of each way, and its difference to "without", on the same resamples."""
    from seatrial.evaluate.intervals import bootstrap, percentile_interval
    from seatrial.evaluate.metrics import METRICS
    from seatrial.evaluate.metrics.base import statistic_of

    metric, n, asked = METRICS.get(name), len(truth), spec.evaluation
    values = {way: float(np.mean([metric.compute(scores, truth) for scores in by])) for way, by in said.items()}
    spreads = {
        way: bootstrap(
            [statistic_of(metric, scores, truth) for scores in by_seed], n, resamples=asked.resamples, seed=spec.seed
        ).mean(axis=0)
        for way, by_seed in said.items()
    }
    found = []
    for way, value in values.items():
        interval = percentile_interval(spreads[way], n=n, confidence=asked.confidence)
        found.append(Measurement(name, value, n, "validation", interval=interval, system=way))
        if way != WITHOUT:
            difference = spreads[way] - spreads[WITHOUT]
            interval = percentile_interval(difference, n=n, confidence=asked.confidence, lowest=-1.0)
            found.append(
                Measurement(name, value - values[WITHOUT], n, "validation", interval=interval, over=WITHOUT, system=way)
            )
    return found
