"""The opponent that writes down what it reads: what a model has to beat where source and target are much alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.opponents.base import Opponent
from seatrial.records import Example
from seatrial.tasks.overlap import overlap

__all__ = ["Copy"]


class Copy(Opponent):
    """See `Opponent`; learns nothing, and gives the source as the target."""

    answers: tuple[str, ...] = ("written",)

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del train, labels, seed

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Statistics of the sources beside the targets, [n, 32]; see `Opponent.probabilities`."""
        sources, targets = ([example.inputs[name] for example in examples] for name in ("source", "target"))
        return overlap(sources, targets).astype(np.float64)
