"""F1, the harmonic mean of precision and recall, in its three usual averages."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric
from seatrial.evaluate.metrics.label_counts import LabelCounts, label_counts, macro, quotient

__all__ = ["F1", "F1_MACRO", "F1_MICRO", "F1_WEIGHTED"]


class F1(WeightedMetric):
    """F1 with one way of averaging over labels.

    Args:
        name: registered name.
        average: counts per label [k, r] → the average F1 [r].
    """

    decisions_only = True

    def __init__(self, name: str, average: Callable[[LabelCounts], Floats]) -> None:
        self.name = name
        self._average = average

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        count = label_counts(probabilities, labels)
        return lambda weights: self._average(count(weights))


def _macro(counts: LabelCounts) -> Floats:
    return macro(counts.f1, counts)


def _micro(counts: LabelCounts) -> Floats:
    """Over all decisions together; with one label per item this is the accuracy."""
    return quotient(counts.hits.sum(axis=0), counts.true.sum(axis=0))


def _weighted(counts: LabelCounts) -> Floats:
    """Labels weigh as often as they are true."""
    return quotient((counts.f1 * counts.true).sum(axis=0), counts.true.sum(axis=0))


F1_MACRO = F1("f1_macro", _macro)
F1_MICRO = F1("f1_micro", _micro)
F1_WEIGHTED = F1("f1_weighted", _weighted)
