"""Run the stages of a project: reuse what is known, go on where a run was cut off, verify everything that is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from seatrial.artifact.store import Store, StoredStage
from seatrial.errors import ArtifactError
from seatrial.pipeline.fingerprint import fingerprint
from seatrial.pipeline.stages.base import Stage, StageContext
from seatrial.progress import Progress
from seatrial.records import Artifact, Project
from seatrial.spec.project import ProjectSpec

if TYPE_CHECKING:
    from seatrial.train.distributed.meeting import Meeting

__all__ = ["ArtifactListener", "StageListener", "run_stages"]

StageListener = Callable[[str, str, float], None]
"""Called with a stage's name, ``"start"``, ``"reuse"`` or ``"done"``, and its seconds."""

ArtifactListener = Callable[[str, Artifact], None]
"""Called with a stage's name and its artifact, before the next stage; what it raises stops the run."""


def run_stages(
    project: Project,
    spec: ProjectSpec,
    stages: Sequence[Stage],
    *,
    progress: Progress,
    heard: StageListener,
    inspect: ArtifactListener,
    meeting: Meeting | None = None,
) -> tuple[Mapping[str, Artifact], Mapping[str, float]]:
    """Bring every stage up to date, in order. The caller holds the project with `Store.locked`.

    Args:
        project: the project's folder.
        spec: the resolved project file.
        stages: what to run; each stage's inputs come before it.
        progress: hears how far long work is.
        heard: hears when a stage starts, is reused or is done.
        inspect: looks at each artifact before the next stage, new or reused.
        meeting: where other processes wait to train with this one.

    Returns:
        Stage name → its artifact, and stage name → the seconds it took when it last ran.

    Raises:
        SeatrialError: the first stage that cannot go on; what earlier stages made is kept.
    """
    store = Store(project.store)
    artifacts: dict[str, Artifact] = {}
    seconds: dict[str, float] = {}
    for stage in stages:
        inputs = {name: artifacts[name] for name in stage.inputs}
        now = fingerprint(stage, spec, project.root, {name: a.digest for name, a in inputs.items()})
        reused = _reuse(store, stage.name, now.digest)
        if reused:
            artifacts[stage.name], seconds[stage.name] = reused
            heard(stage.name, "reuse", seconds[stage.name])
            inspect(stage.name, artifacts[stage.name])
            continue
        heard(stage.name, "start", 0.0)
        started = time.monotonic()
        work = store.work(stage.name, now.digest)
        with store.create(stage.name, now.parts["inputs"], now.parts["spec"], spec.seed) as draft:
            context = StageContext(project, spec, inputs, draft.folder, work, progress, dict(seconds), meeting)
            reusable = stage.run(context)
        seconds[stage.name] = time.monotonic() - started
        store.remember(stage.name, now.digest, StoredStage(draft.digest, now.parts, seconds[stage.name], reusable))
        artifacts[stage.name] = store.load(stage.name, draft.digest)
        heard(stage.name, "done", seconds[stage.name])
        inspect(stage.name, artifacts[stage.name])
    return artifacts, seconds


def _reuse(store: Store, stage: str, digest: str) -> tuple[Artifact, float] | None:
    """The known artifact of a stage, or None; a damaged one is dropped, so that it is made again."""
    found = store.find(stage, digest)
    if not found:
        return None
    try:
        return store.load(stage, found.digest), found.seconds
    except ArtifactError:
        store.forget(stage, digest)
        return None
