"""Expected calibration error: how far confidence and accuracy are apart."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["BINS", "ECE", "ExpectedCalibrationError", "confidence_bins"]

BINS = 15
"""Equal-width bins of the highest probability; bin m holds (m/15, (m+1)/15]."""


class ExpectedCalibrationError(WeightedMetric):
    """Mean over items of |accuracy - confidence| of the item's bin, 0 to 1.

    Resampling adds noise inside the bins, so the interval lies somewhat above the value: a ceiling that the interval
    meets is a hard one.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", §2 eq. 3, with 15 bins as there.
    """

    name = "ece"
    higher_is_better = False

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        correct = probabilities.argmax(axis=1) == labels
        gap = np.zeros((BINS, len(labels)))
        gap[confidence_bins(probabilities), np.arange(len(labels))] = correct - probabilities.max(axis=1)
        return lambda weights: np.abs(gap @ weights).sum(axis=0) / weights.sum(axis=0)


def confidence_bins(probabilities: Floats) -> Indices:
    """The bin [n], 0 to BINS - 1, of each item's highest probability."""
    inner_edges = np.arange(1, BINS) / BINS
    bins: Indices = inner_edges.searchsorted(probabilities.max(axis=1), side="left")
    return bins


ECE = ExpectedCalibrationError()
