"""The stages of the main job, in order: prepare → train → inspect → evaluate → compress → accept."""

from __future__ import annotations

from seatrial.pipeline.stages.accept import Accept
from seatrial.pipeline.stages.base import Stage
from seatrial.pipeline.stages.compress import Compress
from seatrial.pipeline.stages.evaluate import Evaluate
from seatrial.pipeline.stages.inspect import Inspect
from seatrial.pipeline.stages.prepare import Prepare
from seatrial.pipeline.stages.train import Train

__all__ = ["MAIN_JOB"]

MAIN_JOB: tuple[Stage, ...] = (Prepare(), Train(), Inspect(), Evaluate(), Compress(), Accept())
