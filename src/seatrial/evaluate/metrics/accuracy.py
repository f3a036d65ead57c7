"""Accuracy: the share of items whose most probable label is the true one."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["ACCURACY", "Accuracy"]


class Accuracy(WeightedMetric):
    """Correct items / items, 0 to 1; of equally probable labels the first counts as predicted."""

    name = "accuracy"
    decisions_only = True

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        correct = (probabilities.argmax(axis=1) == labels).astype(np.float64)
        return lambda weights: correct @ weights / weights.sum(axis=0)


ACCURACY = Accuracy()
