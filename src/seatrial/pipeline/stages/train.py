"""train: a dataset and a pretrained model, or a network from nothing → a model in transformers' folder layout.

A task without an objective has nothing to learn: then the base model is written out as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.records import Example
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Known, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Train"]


class Train:
    """Fine-tunes; early stopping looks at the validation split only."""

    name = "train"
    inputs: tuple[str, ...] = ("prepare",)
    rooms: tuple[str, ...] = (
        *("train", "models", "tasks", "tokenize"),
        *("data/batches.py", "data/packing.py", "evaluate/metrics"),
    )
    packages: tuple[str, ...] = ("torch", "transformers", "accelerate", "peft", "tokenizers")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return spec.model_dump(mode="json", include={"task", "seed", "model", "training"})

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        if spec.model.network is not None:
            return {}
        from seatrial.reference import model_digest, resolve_model

        folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
        return {f"base model {spec.model.base}": model_digest(folder)}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.dataset import read_labels, read_split
        from seatrial.evaluate.measure import scores
        from seatrial.train.as_it_is import take_as_it_is
        from seatrial.train.fit import fit

        spec = context.spec
        dataset = context.inputs["prepare"].path
        task = TASKS.get(spec.task, where="task")()
        labels = read_labels(dataset)
        train = read_split(dataset, "train")
        base = _base(context, task, train)
        if not task.trainable:
            write_report(
                context.out,
                take_as_it_is(spec.model, task=task, base=base, labels=labels, seed=spec.seed, out=context.out),
            )
            return True

        nothing = Known((), np.empty((0, 0), dtype=np.float32))

        def score(outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example]) -> Mapping[str, float]:
            said = task.label_scores(outputs, examples, labels, nothing)
            return scores(task.watched_metrics, said, task.truth(examples, labels))

        report = fit(
            spec.training,
            spec.model,
            task=task,
            base=base,
            labels=labels,
            train=train,
            validation=read_split(dataset, "validation"),
            score=score,
            seed=spec.seed,
            out=context.out,
            work=context.work,
            progress=context.progress,
        )
        write_report(context.out, report)
        return True


def _base(context: StageContext, task: Task, train: Sequence[Example]) -> Path:
    """The folder that training starts from. One that is made here is made the same again by a run that goes on."""
    from seatrial.reference import resolve_model

    model, seed = context.spec.model, context.spec.seed
    if model.network is None and not model.more_characters:
        return resolve_model(model.base, revision=model.revision, root=context.project.root)
    made = context.work / "base"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    if model.network is None:
        from seatrial.models.more_characters import with_more_characters

        base = resolve_model(model.base, revision=model.revision, root=context.project.root)
        texts = [task.text(example) for example in train]
        with_more_characters(base, texts, model.more_characters, made, seed=seed)
        return made
    from seatrial.models.fresh import fresh_model

    assert task.network_kind is not None  # preflight has asked the task
    fresh_model(
        [text for example in train for text in task.texts(example)],
        model.network,
        model.tokenizer,
        kind=task.network_kind,
        max_length=model.max_length,
        seed=seed,
        out=made,
        progress=context.progress,
    )
    return made
