"""Counters and histograms that cost a request next to nothing: plain numbers, made into metrics when somebody looks.

prometheus_client's own take a lock for every bucket and sum; a request counts in about a dozen of them. Those here
belong to the event loop and are read from any thread: what is read is at most one request behind. Refuses to know: what
is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

__all__ = ["CounterTally", "HistogramTally"]

MOST_CHILDREN = 1_000
"""Label sets of one metric; more share one that is called `other`. A route table or a catalog never comes near."""

Child = TypeVar("Child")
Labels = tuple[object, ...]


def _child(children: dict[Labels, Child], values: Labels, new: Child) -> Child:
    """A child for label values that were not seen before."""
    if len(children) >= MOST_CHILDREN:
        values = ("other",) * len(values)
    return children.setdefault(values, new)


class CounterTally(Collector):
    """A counter with labels.

    Args:
        name: without `_total`.
        documentation: one line.
        labels: their names.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str]) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._counts: dict[Labels, list[float]] = {}

    def add(self, values: Labels, amount: float = 1) -> None:
        """Count `amount` for these label values; 0 shows them from now on."""
        count = self._counts.get(values) or _child(self._counts, values, [0.0])
        count[0] += amount

    def collect(self) -> Iterator[Metric]:
        """The counts so far."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for values, count in list(self._counts.items()):
            family.add_metric(list(map(str, values)), count[0])
        yield family


class HistogramTally(Collector):
    """A histogram with labels.

    Args:
        name: with its unit.
        documentation: one line.
        labels: their names.
        bounds: upper bounds of the buckets, ascending; infinity is added.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._bounds = tuple(bounds)
        self._names = [str(floatToGoString(bound)) for bound in (*bounds, float("inf"))]  # type: ignore[no-untyped-call]
        self._children: dict[Labels, tuple[list[int], list[float]]] = {}

    def observe(self, values: Labels, amount: float) -> None:
        """Note one amount for these label values."""
        child = self._children.get(values)
        if child is None:
            child = _child(self._children, values, ([0] * (len(self._bounds) + 1), [0.0]))
        counts, total = child
        counts[bisect_left(self._bounds, amount)] += 1
        total[0] += amount

    def collect(self) -> Iterator[Metric]:
        """The buckets so far, each with all that is below it."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        for values, (counts, total) in list(self._children.items()):
            total_now, counts_now, below, buckets = total[0], counts[:], 0, []
            for name, count in zip(self._names, counts_now, strict=True):
                below += count
                buckets.append((name, below))
            family.add_metric(list(map(str, values)), buckets, total_now)
        yield family
