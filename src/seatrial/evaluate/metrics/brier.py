"""Brier score: the squared distance between the probabilities and what was true."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["BRIER", "Brier"]


class Brier(WeightedMetric):
    """Mean over items of the sum over labels of (probability - [label is true])², 0 to 2.

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability", eq. 2. With two labels it is
    twice the figure that some libraries give.
    """

    name = "brier"
    higher_is_better = False
    bounds = (0.0, 2.0)

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        distance = probabilities.astype(np.float64)
        distance[np.arange(len(labels)), labels] -= 1
        per_item = (distance**2).sum(axis=1)
        return lambda weights: per_item @ weights / weights.sum(axis=0)


BRIER = Brier()
