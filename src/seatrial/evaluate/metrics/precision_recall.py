"""Precision and recall, averaged over labels so that a rare label weighs as much as a common one."""

from __future__ import annotations

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric
from seatrial.evaluate.metrics.label_counts import label_counts, macro

__all__ = ["PRECISION_MACRO", "RECALL_MACRO", "PrecisionMacro", "RecallMacro"]


class PrecisionMacro(WeightedMetric):
    """Mean over labels of: of the items predicted so, the share that are so."""

    name = "precision_macro"
    decisions_only = True

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        count = label_counts(probabilities, labels)

        def precision(weights: Floats) -> Floats:
            counts = count(weights)
            return macro(counts.precision, counts)

        return precision


class RecallMacro(WeightedMetric):
    """Mean over labels of: of the items that are so, the share predicted so."""

    name = "recall_macro"
    decisions_only = True

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        count = label_counts(probabilities, labels)

        def recall(weights: Floats) -> Floats:
            counts = count(weights)
            return macro(counts.recall, counts)

        return recall


PRECISION_MACRO = PrecisionMacro()
RECALL_MACRO = RecallMacro()
