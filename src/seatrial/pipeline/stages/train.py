"""train: a dataset and a pretrained model, or a network from nothing → a model in transformers' folder layout.

A task without an objective has nothing to learn: then the base model is written out as it is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.artifact.digest import json_digest
from seatrial.pipeline.others import other_projects
from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.start import starting_model
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS
from seatrial.tasks.several_heads import SeveralHeads

__all__ = ["Train"]


class Train:
    """Fine-tunes; early stopping looks at the validation split only."""

    name = "train"
    rooms: tuple[str, ...] = (
        *("train", "models", "tasks", "tokenize"),
        *("data/batches.py", "data/packing.py", "evaluate/metrics", "pipeline/start.py", "pipeline/base_model.py"),
        *("pipeline/companions.py", "pipeline/others.py"),
    )
    packages: tuple[str, ...] = ("torch", "transformers", "accelerate", "peft", "tokenizers")

    def __init__(self, inputs: tuple[str, ...] = ("prepare",)) -> None:
        self.inputs = inputs

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return spec.model_dump(mode="json", include={"task", "seed", "model", "training"})

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        learned = {"task", "labels", "training"}
        found = {
            f"project {other.name}": json_digest(other.spec.model_dump(mode="json", include=learned))
            for other in other_projects(spec, root)
        }
        if spec.model.network is not None:
            return found
        from seatrial.reference import model_digest, resolve_model

        folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
        return {f"base model {spec.model.base}": model_digest(folder), **found}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.dataset import read_labels, read_split
        from seatrial.pipeline.base_model import base_facts
        from seatrial.pipeline.companions import companions, scorer
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

        validation = read_split(dataset, "validation")
        held_out = [*validation, *read_split(dataset, "test")]
        together = context.inputs["together"].path if "together" in context.inputs else None
        texts = [task.text(example) for example in held_out]
        others, told = companions(spec, context.project.root, together, texts)
        report = fit(
            spec.training,
            spec.model,
            task=SeveralHeads(task, others) if others else task,
            base=base,
            labels=labels,
            train=train,
            validation=validation,
            score=scorer(task, labels),
            seed=spec.seed,
            out=context.out,
            work=context.work,
            progress=context.progress,
        )
        tables = {**report.tables, "together": told} if told else report.tables
        write_report(context.out, replace(report, tables=tables, facts={**report.facts, **known}))
        return True
