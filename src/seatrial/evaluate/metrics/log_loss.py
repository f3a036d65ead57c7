"""Log loss: how surprised the probabilities are by the true label."""

from __future__ import annotations

import math

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["LOG_LOSS", "LogLoss"]


class LogLoss(WeightedMetric):
    """Mean of -ln p(true label), in nats; a probability of 0 counts as 2.2e-16, so that the mean stays finite."""

    name = "log_loss"
    higher_is_better = False
    bounds = (0.0, math.inf)

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        given = probabilities[np.arange(len(labels)), labels].astype(np.float64)
        smallest = np.finfo(np.float64).eps
        per_item = -np.log(given.clip(smallest, 1 - smallest))
        return lambda weights: per_item @ weights / weights.sum(axis=0)


LOG_LOSS = LogLoss()
