"""What a metric is, and the form of it that a thousand resamples can afford.

Most metrics are functions of weighted sums over items, so a resample need not be drawn item by item: it is a column of
weights that says how often each item was drawn. Refuses to know: examples, slices, intervals.

Shapes: n items, k labels, r resamples.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Indices", "Metric", "Statistic", "WeightedMetric", "statistic_of"]

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]
Statistic = Callable[[Floats], Floats]
"""Weights [n, r], how often each item was drawn in each resample → the metric [r] of every resample."""


class Metric(Protocol):
    """One figure of merit. A plugin needs no more than this."""

    name: str
    """Registered name."""
    higher_is_better: bool
    """Whether a larger value is a better one."""
    reads: str
    """What the label scores that it reads are: ``"probabilities"`` (the default of a plugin that does not say),
    ``"neighbours"``, ``"spans"``, ``"tokens"``, ``"written"``, ``"texts"`` or ``"preferences"``; the task says which
    of them it gives."""
    decisions_only: bool
    """Whether it looks at the most probable label only; such a metric also suits a system that gives no
    probabilities, for example a person."""

    def compute(self, probabilities: Floats, labels: Indices) -> float:
        """The metric of these items.

        Args:
            probabilities: [n, k], rows sum to 1; counts [n, types, 2] where it reads spans.
            labels: [n], the index of each item's true label; counts [n, types] where it reads spans.

        Returns:
            The value; NaN where it is not defined, which includes n = 0 and probabilities that are not finite.
        """


class WeightedMetric(ABC):
    """A metric that computes many weighted versions of itself at once; the point value is the one with all weights 1.

    Weights are whole numbers, and an item of weight 0 is an item that is not there.
    """

    name: str
    reads = "probabilities"
    higher_is_better = True
    decisions_only = False
    bounds: tuple[float, float] = (0.0, 1.0)
    """The least and the greatest value that it can have; a requirement beyond them is refused."""

    @abstractmethod
    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """Do what does not depend on the weights once; probabilities are finite and n > 0."""

    def compute(self, probabilities: Floats, labels: Indices) -> float:
        """See `Metric.compute`."""
        if len(labels) == 0 or not np.isfinite(probabilities).all():
            return float("nan")
        return float(self.statistic(probabilities, labels)(np.ones((len(labels), 1)))[0])


def statistic_of(metric: Metric, probabilities: Floats, labels: Indices) -> Statistic:
    """The metric as a function of weights; a plugin that has no such form is computed once per resample.

    Args:
        metric: any metric.
        probabilities: [n, k], finite, n > 0.
        labels: [n].
    """
    if isinstance(metric, WeightedMetric):
        return metric.statistic(probabilities, labels)

    def one_by_one(weights: Floats) -> Floats:
        drawn = (np.repeat(np.arange(len(labels)), column.astype(np.intp)) for column in weights.T)
        return np.array([metric.compute(probabilities[items], labels[items]) for items in drawn])

    return one_by_one
