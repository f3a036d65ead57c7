"""train: a dataset and a pretrained model, or a network from nothing → a model in transformers' folder layout.

A task without an objective has nothing to learn: then the base model is written out as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.artifact.digest import json_digest
from seatrial.pipeline.others import other_projects
from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.start import starting_model
from seatrial.progress import Progress
from seatrial.records import Report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS
from seatrial.tasks.several_heads import SeveralHeads
from seatrial.train.distributed.processes import ONE, Processes

__all__ = ["Places", "Train", "learn"]


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
        """How processes share the work is left out: what one run of several has learned, one process takes over."""
        section: dict[str, Any] = spec.model_dump(mode="json", include={"task", "seed", "model", "training"})
        del section["training"]["distributed"]
        return section

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
        from seatrial.train.as_it_is import take_as_it_is

        spec = context.spec
        dataset = context.inputs["prepare"].path
        task = TASKS.get(spec.task, where="task")()
        labels = read_labels(dataset)
        base = starting_model(context, task, read_split(dataset, "train"))
        known = base_facts(spec, context.project.root, task, labels)
        if not task.trainable:
            report = take_as_it_is(spec.model, task=task, base=base, labels=labels, seed=spec.seed, out=context.out)
            write_report(context.out, replace(report, facts={**report.facts, **known}))
            return True

        together = context.inputs["together"].path if "together" in context.inputs else None
        places = Places(context.project.root, dataset, base, together, context.work)
        processes = ONE
        if context.meeting:
            processes = context.meeting.processes
            context.meeting.call(places.as_word())
        learnt = learn(spec, places, out=context.out, progress=context.progress, processes=processes)
        assert learnt is not None  # the first process runs the stages
        write_report(context.out, replace(learnt, facts={**learnt.facts, **known}))
        return True


@dataclass(frozen=True, slots=True)
class Places:
    """Where what is trained on lies, for every process that trains.

    Attributes:
        root: the project's folder.
        dataset: the artifact of `prepare`.
        base: the model that training starts from.
        together: the artifact of the stage of that name; None where there are no other projects.
        work: for checkpoints.
    """

    root: Path
    dataset: Path
    base: Path
    together: Path | None
    work: Path

    def as_word(self) -> dict[str, str]:
        """What one process tells the others."""
        places = {name: getattr(self, name) for name in ("root", "dataset", "base", "together", "work")}
        return {name: str(place) for name, place in places.items() if place is not None}

    @classmethod
    def of_word(cls, word: Mapping[str, str]) -> Places:
        """What `as_word` told."""
        places = {name: Path(place) for name, place in word.items()}
        return cls(places["root"], places["dataset"], places["base"], places.get("together"), places["work"])


def learn(spec: ProjectSpec, places: Places, *, out: Path, progress: Progress, processes: Processes) -> Report | None:
    """Train; of several processes each calls this, and the first one gets the report.

    Args:
        spec: the resolved project file.
        places: of what is trained on.
        out: gets the model; only the first process writes there.
        progress: hears how far it is.
        processes: which one this is.
    """
    from seatrial.data.dataset import read_labels, read_split
    from seatrial.pipeline.companions import companions, scorer
    from seatrial.train.fit import fit

    task = TASKS.get(spec.task, where="task")()
    labels = read_labels(places.dataset)
    validation = read_split(places.dataset, "validation")
    held_out = [*validation, *read_split(places.dataset, "test")]
    texts = [task.text(example) for example in held_out]
    others, told = companions(spec, places.root, places.together, texts)
    report = fit(
        spec.training,
        spec.model,
        task=SeveralHeads(task, others) if others else task,
        base=places.base,
        labels=labels,
        train=read_split(places.dataset, "train"),
        validation=validation,
        score=scorer(task, labels),
        seed=spec.seed,
        out=out,
        work=places.work,
        progress=progress,
        processes=processes,
    )
    return replace(report, tables={**report.tables, "together": told}) if report and told else report
