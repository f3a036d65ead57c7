"""Per label: how often it is true, predicted, and both. Precision, recall and F1 need nothing else.

A label that is neither true nor predicted in a resample is left out of its averages, and a quotient with nothing below
the line is 0; both as scikit-learn has it with ``zero_division=0``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices

__all__ = ["LabelCounts", "label_counts", "macro", "quotient"]


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Weighted counts, each [k, r].

    Attributes:
        hits: the label is true and predicted.
        predicted: the label is predicted.
        true: the label is true.
    """

    hits: Floats
    predicted: Floats
    true: Floats

    @property
    def precision(self) -> Floats:
        """Hits / predicted."""
        return quotient(self.hits, self.predicted)

    @property
    def recall(self) -> Floats:
        """Hits / true."""
        return quotient(self.hits, self.true)

    @property
    def f1(self) -> Floats:
        """The harmonic mean of precision and recall."""
        return quotient(2 * self.hits, self.predicted + self.true)


def label_counts(probabilities: Floats, labels: Indices) -> Callable[[Floats], LabelCounts]:
    """Counts per label as a function of weights [n, r].

    Args:
        probabilities: [n, k]; the most probable label is the predicted one.
        labels: [n].
    """
    k = probabilities.shape[1]
    every = np.arange(k)[:, None]
    is_predicted = (probabilities.argmax(axis=1) == every).astype(np.float64)  # [k, n]
    is_true = (labels == every).astype(np.float64)
    is_hit = is_predicted * is_true

    def count(weights: Floats) -> LabelCounts:
        return LabelCounts(hits=is_hit @ weights, predicted=is_predicted @ weights, true=is_true @ weights)

    return count


def macro(per_label: Floats, counts: LabelCounts) -> Floats:
    """The mean [r] of a figure [k, r] over the labels that are true or predicted somewhere in the resample."""
    present = (counts.predicted + counts.true) > 0
    return quotient((per_label * present).sum(axis=0), present.sum(axis=0))


def quotient(above: Floats, below: Floats) -> Floats:
    """Above / below, and 0 where there is nothing below the line."""
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=below > 0)
