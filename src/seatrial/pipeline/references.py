"""Does everything that the project file refers to exist, and can it be used: looked at before anything runs.

Cleaning steps, their keys and the releases they ask, rules, data formats, the base model, the columns of local files,
opponents that the labels rule out, releases that are opponents.
Refuses to know: what any of them does. Reads the first row of each local file and the heads of the model's files, no
more; names of metrics, methods and slices are `preflight`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seatrial.data.augment.build import build_methods
from seatrial.data.clean.base import CleanStep
from seatrial.data.clean.build import build_cleaners
from seatrial.data.collect import check_columns
from seatrial.data.label_by_rules import project_rules
from seatrial.data.sources import FORMATS
from seatrial.data.split import SPLITTERS
from seatrial.errors import SpecError
from seatrial.evaluate.opponents import OPPONENTS, AsksStart, Opponent
from seatrial.offline import forbidding_switch
from seatrial.pipeline.base_model import check_base
from seatrial.pipeline.decoders import require_graph
from seatrial.pipeline.label_scores import opponents_for
from seatrial.pipeline.others import check_others
from seatrial.pipeline.release_entities import entity_digests
from seatrial.pipeline.release_opponent import rival_digests
from seatrial.reference import on_the_hub
from seatrial.registry import did_you_mean
from seatrial.spec.data import Place
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, NeedsHead, Task

__all__ = ["check_opponents", "check_references"]


def check_references(spec: ProjectSpec, root: Path, *, fetch: bool) -> None:
    """Follow every reference as far as that is cheap.

    Args:
        spec: the resolved project file; `preflight` has passed it.
        root: the project's folder.
        fetch: whether a base model that is on the Hub may be fetched. Without it, it is looked up only where the
            network is forbidden, which takes a moment.

    Raises:
        SpecError, DataError, ArtifactError, ResolveError, OfflineError: the first reference that leads nowhere.
    """
    _check_data(spec, root)
    check_others(spec, root, _check_data)
    check_opponents(spec, spec.labels)
    task = TASKS.get(spec.task, where="task")()
    rival_digests(spec.evaluation.releases, root, task, spec.labels)
    if spec.model.network is not None:
        return  # there is no model to find
    if fetch or forbidding_switch() or not on_the_hub(spec.model.base, root):
        folder = check_base(spec, root)
        require_graph(spec, task, folder)
        if fetch:
            _check_head(spec, task, folder)


def _check_data(spec: ProjectSpec, root: Path) -> None:
    """The same for the section `data`, of this project or of another one."""
    for step in build_cleaners(spec.data.clean):
        if isinstance(step.clean, CleanStep):
            step.clean.check_keys()
    entity_digests(spec.data.clean, root)
    if spec.data.rules is not None:
        project_rules(spec.data.rules, root, spec.labels)
    SPLITTERS.get(spec.data.split.method, where="data.split.method")
    build_methods(spec.data.augment)
    for number, source in enumerate(spec.data.sources):
        where = f"data.sources.{number}"
        _check_place(source, where)
        if source.join:
            _check_place(source.join, f"{where}.join")
    check_columns(spec.data, task=TASKS.get(spec.task, where="task")(), root=root)


def check_opponents(spec: ProjectSpec, labels: Sequence[str]) -> None:
    """Refuse opponents that cannot answer with these labels, or for examples that nobody rated.

    Without labels nobody plays, and nobody is refused.

    Raises:
        SpecError: the first such opponent.
    """
    rated = spec.data.columns.ratings is not None and spec.data.ratings.consensus == "majority"
    task = TASKS.get(spec.task, where="task")()
    for place, name in enumerate(_registered(spec, task, labels)):
        where = f"evaluation.opponents.{place}"
        opponent = OPPONENTS.get(name, where=where)
        if task.judged_on not in getattr(opponent, "answers", Opponent.answers):
            own = [other for other in OPPONENTS if task.judged_on in getattr(OPPONENTS.get(other), "answers", ())]
            raise SpecError(
                f"{name} does not play at {task.name}",
                where=where,
                expected=f"one of {', '.join(own)}",
            )
        if issubclass(opponent, AsksStart) and spec.model.network is not None:
            raise SpecError(
                f"{name} is the model before training, and a network from nothing knows nothing before it",
                where=where,
                hint=f"take {name} out, or name a pretrained model in model.base",
            )
        opponent.check(labels, rated=rated)


def _registered(spec: ProjectSpec, task: Task, labels: Sequence[str]) -> list[str]:
    """The opponents that are no releases."""
    return [name for name in opponents_for(spec, task, labels) if name not in spec.evaluation.releases]


def _check_head(spec: ProjectSpec, task: Task, folder: Path) -> None:
    """Refuse to ask a model before training that gets the head that answers only by training."""
    asking = (name for name in _registered(spec, task, spec.labels) if issubclass(OPPONENTS.get(name), AsksStart))
    name = next(asking, None)
    if name is not None and isinstance(task, NeedsHead) and task.lacks_head(folder):
        raise SpecError(
            f"{spec.model.base} has no head for the task {task.name}: before training it would answer at random",
            where="evaluation.opponents",
            hint=f"take {name} out",
        )


def _check_place(place: Place, where: str) -> None:
    if place.format is not None and place.format not in FORMATS:
        raise SpecError(
            f"unknown {FORMATS.kind} {place.format!r}",
            where=f"{where}.format",
            hint=did_you_mean(place.format, tuple(FORMATS)),
        )
