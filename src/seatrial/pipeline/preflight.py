"""Look for mistakes that would otherwise show after minutes of training: names that nothing answers to.

Refuses to know: what any of the named things do. Nothing heavy is imported.
"""

from __future__ import annotations

import difflib
from importlib.util import find_spec
from typing import Any

from seatrial.errors import MissingExtraError, SpecError
from seatrial.evaluate.json_schema import check_schema
from seatrial.evaluate.metrics import METRICS, reads
from seatrial.evaluate.opponents import OPPONENTS
from seatrial.pipeline.decoders import LATENCIES, check_methods, require_graph
from seatrial.registry import Registry, did_you_mean
from seatrial.spec.contract import GENERATION_FIGURES, LIKENESSES, OPERATIONAL_SPLITS, RequirementSpec, out_of_range
from seatrial.spec.project import ProjectSpec
from seatrial.spec.training import TrainingSpec
from seatrial.tasks import TASKS, Generates, Task, Writes

__all__ = ["preflight"]

ADAPTER_SIZE = "adapter_mb"
TRAINING_PACKAGES = ("torch", "transformers", "accelerate", "onnx", "sklearn")


def preflight(spec: ProjectSpec) -> None:
    """Check every name in the project file against what is registered and what the data will have.

    Raises:
        MissingExtraError: only the base install is there, which serves releases and makes none.
        SpecError: the first name that leads nowhere, with its dotted path and the nearest known one.
    """
    if any(find_spec(package) is None for package in TRAINING_PACKAGES):
        raise MissingExtraError("running a project", "train")
    task = TASKS.get(spec.task, where="task")()
    task.columns(spec.data)
    task.check_model(spec.model)
    if not task.trainable and spec.training != TrainingSpec():
        raise SpecError(
            f"the task {task.name} takes the base model as it is; there is nothing to train",
            where="training",
            hint="leave the section out",
        )
    for place, name in enumerate(spec.evaluation.metrics):
        where = f"evaluation.metrics.{place}"
        _known(METRICS, name, where)
        _readable(name, where, spec, task)
    if spec.evaluation.answers.json_schema is not None:
        check_schema(spec.evaluation.answers.json_schema, "evaluation.answers.json_schema")
    for place, name in enumerate(spec.evaluation.opponents or ()):
        _known(OPPONENTS, name, f"evaluation.opponents.{place}")
    _releases(spec, task)
    check_methods(spec, task)
    for place, requirement in enumerate(spec.requirements):
        _requirement(requirement, f"requirements.{place}", spec, task)
    require_graph(spec, task, None)


def _releases(spec: ProjectSpec, task: Task) -> None:
    """Check the names of releases that are opponents, and that the task has opponents that give probabilities."""
    for name in spec.evaluation.releases:
        where = f"evaluation.releases.{name}"
        if name in OPPONENTS or name == "model":
            raise SpecError(f"the name {name!r} is taken", where=where, hint="choose another")
        if task.judged_on != "probabilities":
            raise SpecError(f"a release is no opponent for the task {task.name}", where=where, hint="leave it out")


def _requirement(requirement: RequirementSpec, where: str, spec: ProjectSpec, task: Task) -> None:
    """Check one line of the contract."""
    if requirement.metric not in OPERATIONAL_SPLITS:
        _known(METRICS, requirement.metric, f"{where}.metric", also=tuple(OPERATIONAL_SPLITS))
        _readable(requirement.metric, f"{where}.metric", spec, task)
        _attainable(requirement, where)
    elif requirement.metric in LIKENESSES and requirement.metric != task.likeness:
        raise SpecError(
            f"{requirement.metric} is not measured for the task {task.name}",
            where=f"{where}.metric",
            hint=f"its likeness to the uncompressed model is {task.likeness}",
        )
    elif requirement.metric == ADAPTER_SIZE and (spec.training.adapt != "lora" or task.new_head):
        raise SpecError(
            f"{ADAPTER_SIZE} is the size of a language model's low-rank updates, and there will be none",
            where=f"{where}.metric",
            hint="set training.adapt to lora, or leave this line out" if not task.new_head else "leave this line out",
        )
    elif requirement.metric in LATENCIES and not (task.exported or isinstance(task, Generates)):
        raise SpecError(
            f"{requirement.metric} is not measured for the task {task.name}: its networks are not served",
            where=f"{where}.metric",
            hint="leave this line out; size_mb and the task's own metrics can be required",
        )
    elif requirement.metric in GENERATION_FIGURES and not isinstance(task, Generates):
        raise SpecError(
            f"{requirement.metric} is measured of models that write, and the task {task.name} has none that is served",
            where=f"{where}.metric",
            hint="require p50_ms or p95_ms" if task.exported else "leave this line out",
        )
    named = task.opponents if spec.evaluation.opponents is None else spec.evaluation.opponents
    opponents = (*named, *spec.evaluation.releases)
    if requirement.opponent and requirement.opponent not in opponents:
        key = "over" if requirement.over else "ratio_to"
        _known(OPPONENTS, requirement.opponent, f"{where}.{key}", also=tuple(spec.evaluation.releases))
        raise SpecError(
            f"{requirement.opponent!r} is not among the opponents",
            where=f"{where}.{key}",
            hint=f"add {requirement.opponent} to evaluation.opponents",
        )
    slices = task.slices(spec.data)
    for name in requirement.where:
        if name not in slices:
            raise SpecError(
                f"the data will have no slice {name!r}", where=f"{where}.where", hint=_slice_hint(name, slices)
            )


def _readable(metric: str, where: str, spec: ProjectSpec, task: Task) -> None:
    """Refuse a metric that reads something that this task does not give, or labels where there will be none."""
    kinds = (task.judged_on, *(task.written_kinds(spec.data) if isinstance(task, Writes) else ()))
    if reads(metric) not in kinds:
        own = [name for name in METRICS if reads(name) in kinds]
        raise SpecError(
            f"{metric} reads {reads(metric)}, and the task {task.name} gives {' and '.join(kinds)}",
            where=where,
            expected=f"one of {', '.join(own)}",
        )
    if not task.labelled(spec.data):
        raise SpecError(
            f"{metric} needs labels, and the data have none",
            where=where,
            hint="name their column in data.columns.label, or leave this metric out",
        )


def _attainable(requirement: RequirementSpec, where: str) -> None:
    """Refuse a bound that the metric cannot have, above all 85 for 0.85. A plugin's metric need not say its range."""
    limits = getattr(METRICS.get(requirement.metric), "bounds", None)
    problem = out_of_range(requirement, limits) if limits else None
    if problem:
        key = "at_most" if requirement.at_least is None else "at_least"
        raise SpecError(problem[0], where=f"{where}.{key}", hint=problem[1])


def _slice_hint(name: str, slices: tuple[str, ...]) -> str:
    """The misspelling may be in the requirement or in `data.slices`: only the data's column names can tell."""
    near = difflib.get_close_matches(name, slices, n=1)
    if near:
        return f"data.slices has {near[0]!r}: write both as the column is called in the data"
    return f"add {name} to data.slices"


def _known(registry: Registry[Any], name: str, where: str, also: tuple[str, ...] = ()) -> None:
    if name not in registry:
        hint = did_you_mean(name, (*registry, *also))
        raise SpecError(f"unknown {registry.kind} {name!r}", where=where, hint=hint)
