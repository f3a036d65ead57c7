"""The stages of the main job, in order: prepare → train → inspect → evaluate → compress → accept.

Where a project is learned together with others, `together` prepares their data before `train`.
"""

from __future__ import annotations

from seatrial.pipeline.stages.accept import Accept
from seatrial.pipeline.stages.base import Stage
from seatrial.pipeline.stages.compress import Compress
from seatrial.pipeline.stages.evaluate import Evaluate
from seatrial.pipeline.stages.inspect import Inspect
from seatrial.pipeline.stages.prepare import Prepare
from seatrial.pipeline.stages.together import PrepareTogether
from seatrial.pipeline.stages.train import Train
from seatrial.spec.project import ProjectSpec

__all__ = ["MAIN_JOB", "main_job"]

MAIN_JOB: tuple[Stage, ...] = (Prepare(), Train(), Inspect(), Evaluate(), Compress(), Accept())


def main_job(spec: ProjectSpec) -> tuple[Stage, ...]:
    """The stages that a project file asks for."""
    if not spec.training.together:
        return MAIN_JOB
    beside = PrepareTogether()
    with_others = {"train": (beside, Train(inputs=("prepare", beside.name)))}
    return tuple(one for stage in MAIN_JOB for one in with_others.get(stage.name, (stage,)))
