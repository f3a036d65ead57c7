"""The opponent that never reads: the most frequent label, with the labels' shares as its probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.opponents.base import Opponent
from seatrial.records import Example

__all__ = ["Majority"]


class Majority(Opponent):
    """See `Opponent`; every example gets the shares that labels have in the training split."""

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del seed  # nothing here is random
        counts = np.array([sum(example.label == label for example in train) for label in labels], dtype=np.float64)
        self._shares = counts / counts.sum()

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """See `Opponent.probabilities`."""
        return np.tile(self._shares, (len(examples), 1))
