"""Area under the ROC curve, one label against the rest, averaged over labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["ROC_AUC", "RocAuc"]


class RocAuc(WeightedMetric):
    """The chance that an item of a label gets a higher probability of it than an item of another label.

    Ties count half. Not defined, in a resample too, while any of the k labels is missing from the items.

    Source: Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve": the area is the Mann-Whitney
    statistic, which needs one sort per label and none per resample.
    """

    name = "roc_auc"

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        # With two labels both areas are the same, but only in one column are ties free of the rounding of 1 - p.
        columns = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
        per_label = [_one_against_rest(probabilities[:, label], labels == label) for label in columns]
        return lambda weights: np.mean([area(weights) for area in per_label], axis=0)


def _one_against_rest(scores: Floats, positive: NDArray[np.bool_]) -> Statistic:
    """The area for one label; `scores` and `positive` are [n]."""
    ours = np.flatnonzero(positive)
    others = np.flatnonzero(~positive)
    others = others[scores[others].argsort(kind="stable")]
    below = scores[others].searchsorted(scores[ours], side="left")
    not_above = scores[others].searchsorted(scores[ours], side="right")

    def area(weights: Floats) -> Floats:
        ours_drawn = weights[ours]
        beaten = np.zeros((len(others) + 1, weights.shape[1]))  # row i: weight of the i lowest other items
        weights[others].cumsum(axis=0, out=beaten[1:])
        wins = np.einsum("ir,ir->r", ours_drawn, beaten[below])
        if not np.array_equal(below, not_above):
            wins = (wins + np.einsum("ir,ir->r", ours_drawn, beaten[not_above])) / 2
        pairs = ours_drawn.sum(axis=0) * beaten[-1]
        areas: Floats = np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
        return areas

    return area


ROC_AUC = RocAuc()
