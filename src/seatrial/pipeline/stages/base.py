"""What a stage is: a name, what shapes its result, and a body that turns artifacts into one artifact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seatrial.progress import Progress
from seatrial.records import Artifact, Project, Report
from seatrial.spec.project import ProjectSpec

if TYPE_CHECKING:
    from seatrial.train.distributed.meeting import Meeting

__all__ = ["REPORT", "Stage", "StageContext", "read_report", "write_report"]

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class StageContext:
    """What a stage may use.

    Attributes:
        project: the project's folder.
        spec: the resolved project file.
        inputs: the artifacts of the stages it named in `inputs`, verified.
        out: a temporary folder; what is in it when the body ends becomes the artifact.
        work: a folder for checkpoints, kept over kills until the stage is done.
        progress: who hears how far it is.
        seconds: what earlier stages took, for the record.
        meeting: where other processes wait to train with this one; None: there are none.
    """

    project: Project
    spec: ProjectSpec
    inputs: Mapping[str, Artifact]
    out: Path
    work: Path
    progress: Progress
    seconds: Mapping[str, float]
    meeting: Meeting | None = None


class Stage(Protocol):
    """One step in time. It asks the task where problems differ."""

    name: str
    """Also the kind of its artifact."""
    inputs: tuple[str, ...]
    """Earlier stages whose artifacts it reads."""
    rooms: tuple[str, ...]
    """Folders and files of `seatrial` whose code shapes the result; a change there runs the stage again."""
    packages: tuple[str, ...]
    """Installed packages whose version shapes the result; an upgrade runs the stage again."""

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        """The part of the project file that shapes the result, as plain JSON."""

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        """Digest of everything read from outside the store, by a name that can be followed by "changed"."""

    def run(self, context: StageContext) -> bool:
        """Fill `context.out`. Returns whether the result may be used again under the same fingerprint."""


def write_report(folder: Path, report: Report) -> None:
    """Put a stage's report into its artifact."""
    (folder / REPORT).write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=1), encoding="utf-8")


def read_report(artifact: Artifact) -> Report:
    """The report in a stage's artifact."""
    return Report.from_dict(json.loads((artifact.path / REPORT).read_text(encoding="utf-8")))
