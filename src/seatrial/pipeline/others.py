"""The other projects that a project is learned together with: found, read, and held against what can be learned so.

Refuses to know: how they are prepared and learned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import SeatrialError, SpecError
from seatrial.records import Project
from seatrial.spec.load import load_spec
from seatrial.spec.project import ProjectSpec
from seatrial.spec.released import project_at
from seatrial.spec.training import Beside
from seatrial.tasks import TASKS
from seatrial.tasks.several_heads import SharesBody

__all__ = ["Other", "check_others", "other_projects"]

SHARING = "text-classification, token-classification or masked-lm"


@dataclass(frozen=True, slots=True)
class Other:
    """Another project.

    Attributes:
        project: its file and folder.
        spec: its project file.
        beside: what the first project's file says about it.
        name: what its figures are called by; no two of a project are alike.
    """

    project: Project
    spec: ProjectSpec
    beside: Beside
    name: str


def other_projects(spec: ProjectSpec, root: Path) -> list[Other]:
    """What `training.together` names, in order.

    Args:
        spec: the resolved project file.
        root: the project's folder.

    Raises:
        SpecError: a path that leads to no project, or a project file with a mistake.
    """
    found: list[Other] = []
    for place, beside in enumerate(spec.training.together):
        project = project_at(root / Path(beside.project).expanduser())
        if project is None:
            raise SpecError(
                f"there is no project at {beside.project}",
                where=f"training.together.{place}.project",
                expected="a project file or folder; a relative path begins at the folder of this project",
            )
        other = load_spec(project.file)
        taken = [one.name for one in found]
        name = other.name if other.name not in taken else f"{other.name}-{place + 1}"
        found.append(Other(project, other, beside, name))
    return found


def check_others(spec: ProjectSpec, root: Path, check_data: Callable[[ProjectSpec, Path], None]) -> None:
    """Refuse what cannot be learned together, and other projects whose data cannot be used.

    Args:
        spec: the resolved project file.
        root: the project's folder.
        check_data: holds the data section of a project file against what is there.

    Raises:
        SpecError: two tasks without a common body, or nothing that could be learned together.
        SeatrialError: what `check_data` finds; `where` names the other project's file.
    """
    others = other_projects(spec, root)
    if not others:
        return
    if spec.training.adapt == "head":
        raise SpecError(
            "only the head learns, so that the tasks would have nothing in common",
            where="training.adapt",
            expected="full or lora",
            hint="or take training.together out",
        )
    for place, other in enumerate(others):
        _check_tasks(spec, other.spec, f"training.together.{place}.project")
        try:
            TASKS.get(other.spec.task, where="task")().columns(other.spec.data)
            check_data(other.spec, other.project.root)
        except SeatrialError as error:
            error.where = f"{other.project.file}: {error.where}"
            raise


def _check_tasks(spec: ProjectSpec, other: ProjectSpec, where: str) -> None:
    own, its = (TASKS.get(one.task, where="task")() for one in (spec, other))
    if own.name == its.name and not own.per_label:
        raise SpecError(
            f"both projects have the task {own.name}, which more data of the other make, and not a second head",
            where=where,
            hint="add its sources to data.sources",
        )
    for task in (own, its):
        if not isinstance(task, SharesBody):
            raise SpecError(
                f"the task {task.name} has no body that {(its if task is own else own).name} could share",
                where=where,
                expected=SHARING,
                hint="learn the tasks one after the other where a base of one can be the other's (model.base)",
            )
