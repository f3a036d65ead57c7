"""Where a run is: everything but tensors and random states that a continued run must know."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Position"]


@dataclass(slots=True)
class Position:
    """The mutable counters of a run, plain JSON values.

    Attributes:
        epoch: index of the current epoch.
        batch: steps of this epoch done.
        step: optimizer steps done.
        texts: texts learned from, over all epochs.
        seconds: spent in the loop, over all starts of the run.
        validated: step of the last validation.
        best_score: best validation score so far, None before the first.
        best_step: step of that score.
        misses: validations since the best one.
        stopped: why the run ended, empty while it goes on.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    texts: int = 0
    seconds: float = 0.0
    validated: int = 0
    best_score: float | None = None
    best_step: int = 0
    misses: int = 0
    stopped: str = ""
