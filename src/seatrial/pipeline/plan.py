"""What a run would do, and which change makes it so. Reads; never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.artifact.store import Store, StoredStage
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
            reasons = tuple(f"{name} runs before it" for name in _nearest(waiting, stages))
            planned.append(PlannedStage(stage.name, "run", reasons, None, seconds))
            continue
        now = fingerprint(stage, spec, project.root, {name: digests[name] for name in stage.inputs})
        found = store.find(stage.name, now.digest)
        if found:
            digests[stage.name] = found.digest
            planned.append(PlannedStage(stage.name, "reuse", (), found.digest, found.seconds))
            continue
        reasons = _reasons(last, now.parts)
        if store.work(stage.name, now.digest).is_dir():
            reasons += ("it was interrupted; it goes on from a checkpoint where it left one",)
        planned.append(PlannedStage(stage.name, "run", reasons, None, seconds))
    return planned


def _nearest(waiting: Sequence[str], stages: Sequence[Stage]) -> list[str]:
    """Without the stages that another one of them waits for, which go without saying."""
    said = {earlier for stage in stages if stage.name in waiting for earlier in stage.inputs}
    return [name for name in waiting if name not in said]


def _reasons(last: StoredStage | None, now: Mapping[str, Any]) -> tuple[str, ...]:
    """Why the last result of a stage does not serve."""
    if last is None:
        return ("it has not run yet",)
    changed = tuple(changes(last.parts, now))
    if changed:
        return changed
    return ("its artifact is gone",) if last.reusable else ("its last result is one that is always made anew",)
