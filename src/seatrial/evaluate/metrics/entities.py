"""Precision, recall and F1 of entities: right is what has the right label, the right start and the right end.

The label scores are counts per text and label, [n, labels, 2]: entities that were found, and those of them that are
right; the truth is how many there are, [n, labels]. Texts are what is resampled, for entities of a text are alike.

Source: Tjong Kim Sang and De Meulder 2003, "Introduction to the CoNLL-2003 Shared Task", §2.4; the averages over all
entities are those of the script conlleval.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric
from seatrial.evaluate.metrics.label_counts import LabelCounts, macro, quotient

__all__ = ["ENTITY_F1", "ENTITY_F1_MACRO", "ENTITY_PRECISION", "ENTITY_RECALL", "EntityMetric", "span_counts"]


class EntityMetric(WeightedMetric):
    """One figure of the counts of entities.

    Args:
        name: registered name.
        average: counts per label [labels, r] → the figure [r].
    """

    reads = "spans"
    decisions_only = True

    def __init__(self, name: str, average: Callable[[LabelCounts], Floats]) -> None:
        self.name = name
        self._average = average

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        count = span_counts(probabilities, labels)
        return lambda weights: self._average(count(weights))


def span_counts(found: Floats, truth: Indices) -> Callable[[Floats], LabelCounts]:
    """Counts per label as a function of weights [n, r].

    Args:
        found: [n, labels, 2], entities that were found, and those of them that are right.
        truth: [n, labels], how many there are.
    """
    predicted, hits = found[:, :, 0].T.astype(np.float64), found[:, :, 1].T.astype(np.float64)
    true = truth.T.astype(np.float64)

    def count(weights: Floats) -> LabelCounts:
        return LabelCounts(hits=hits @ weights, predicted=predicted @ weights, true=true @ weights)

    return count


def _precision(counts: LabelCounts) -> Floats:
    return quotient(counts.hits.sum(axis=0), counts.predicted.sum(axis=0))


def _recall(counts: LabelCounts) -> Floats:
    return quotient(counts.hits.sum(axis=0), counts.true.sum(axis=0))


def _f1(counts: LabelCounts) -> Floats:
    return quotient(2 * counts.hits.sum(axis=0), (counts.predicted + counts.true).sum(axis=0))


def _macro(counts: LabelCounts) -> Floats:
    return macro(counts.f1, counts)


ENTITY_PRECISION = EntityMetric("entity_precision", _precision)
ENTITY_RECALL = EntityMetric("entity_recall", _recall)
ENTITY_F1 = EntityMetric("entity_f1", _f1)
ENTITY_F1_MACRO = EntityMetric("entity_f1_macro", _macro)
