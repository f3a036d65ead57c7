"""train: a dataset and a pretrained model, or a network from nothing → a model in transformers' folder layout.

A task without an objective has nothing to learn: then the base model is written out as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.start import starting_model
from seatrial.records import Example
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Known

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Train"]


class Train:
    """Fine-tunes; early stopping looks at the validation split only."""

    name = "train"
    inputs: tuple[str, ...] = ("prepare",)
    rooms: tuple[str, ...] = (
        *("train", "models", "tasks", "tokenize"),
        *("data/batches.py", "data/packing.py", "evaluate/metrics", "pipeline/start.py", "pipeline/base_model.py"),
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
        from seatrial.pipeline.base_model import base_facts
        from seatrial.train.as_it_is import take_as_it_is
        from seatrial.train.fit import fit

        spec = context.spec
        dataset = context.inputs["prepare"].path
        task = TASKS.get(spec.task, where="task")()
        labels = read_labels(dataset)
        train = read_split(dataset, "train")
        base = starting_model(context, task, train)
        known = base_facts(spec, context.project.root, task, labels)
        if not task.trainable:
            report = take_as_it_is(spec.model, task=task, base=base, labels=labels, seed=spec.seed, out=context.out)
            write_report(context.out, replace(report, facts={**report.facts, **known}))
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
        write_report(context.out, replace(report, facts={**report.facts, **known}))
        return True
