"""together: the data of the projects that this one is learned together with, each prepared as its own file says.

There is such a stage only where `training.together` names projects.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.artifact.digest import json_digest
from seatrial.pipeline.others import other_projects
from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.stages.prepare import Prepare
from seatrial.records import Report
from seatrial.spec.project import ProjectSpec

__all__ = ["PrepareTogether"]


class PrepareTogether:
    """Reads, cleans, deduplicates and splits what other projects name; each in a folder called by its place."""

    name = "together"
    inputs: tuple[str, ...] = ()
    rooms: tuple[str, ...] = (*Prepare.rooms, "pipeline/stages/prepare.py", "pipeline/others.py")
    packages: tuple[str, ...] = Prepare.packages

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return {"together": [beside.project for beside in spec.training.together]}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        found = {}
        for other in other_projects(spec, root):
            found[f"project {other.name}"] = json_digest(Prepare().section(other.spec))
            for name, digest in Prepare().sources(other.spec, other.project.root).items():
                found[f"{name} of {other.name}"] = digest
        return found

    def run(self, context: StageContext) -> bool:
        rows, known = [], True
        for place, other in enumerate(other_projects(context.spec, context.project.root)):
            out = context.out / str(place)
            out.mkdir()
            its = replace(context, project=other.project, spec=other.spec, inputs={}, out=out)
            known = Prepare().run(its) and known
            rows.append({"project": other.name, "task": other.spec.task})
        write_report(context.out, Report(self.name, tables={"projects": rows}))
        return known
