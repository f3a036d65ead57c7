"""What a run would do, and which change makes it so. Reads; never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.artifact.store import Store
from seatrial.pipeline.fingerprint import changes, fingerprint
from seatrial.pipeline.stages.base import Stage
from seatrial.records import Project
from seatrial.spec.project import ProjectSpec

__all__ = ["PlannedStage", "plan"]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage of the plan.

    Attributes:
        stage: its name.
        action: ``"reuse"`` or ``"run"``.
        reasons: why it would run, one line each; empty for reuse.
        digest: the artifact that would be used again, or None.
        seconds: what it took the last time, or None.
    """

    stage: str
    action: str
    reasons: tuple[str, ...]
    digest: str | None
    seconds: float | None


def plan(project: Project, spec: ProjectSpec, stages: Sequence[Stage]) -> list[PlannedStage]:
    """Look at every stage in order.

    A stage after one that must run is planned to run; when the earlier one turns out to give the same result as before,
    the run itself will still reuse it.
    """
    store = Store(project.store)
    digests: dict[str, str] = {}
    planned: list[PlannedStage] = []
    for stage in stages:
        last = store.last(stage.name)
        seconds = last.seconds if last else None
        waiting = [name for name in stage.inputs if name not in digests]
        if waiting:
            reasons = tuple(f"{name} runs before it" for name in waiting)
            planned.append(PlannedStage(stage.name, "run", reasons, None, seconds))
            continue
        now = fingerprint(stage, spec, project.root, {name: digests[name] for name in stage.inputs})
        found = store.find(stage.name, now.digest)
        if found:
            digests[stage.name] = found.digest
            planned.append(PlannedStage(stage.name, "reuse", (), found.digest, found.seconds))
            continue
        work = store.work(stage.name, now.digest).is_dir()
        reasons = tuple(changes(last.parts, now.parts)) if last else ("it has not run yet",)
        if work:
            reasons = ("it was interrupted and will go on from its last checkpoint",)
        planned.append(PlannedStage(stage.name, "run", reasons or ("its artifact is gone",), None, seconds))
    return planned
