"""Intervals for figures that are functions of sums over items: the percentile bootstrap over items, seeded.

Whole items are drawn, with all their ratings: the ratings of one item are not independent of each other. Refuses to
know: what is summed.

Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", §13.3 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seatrial.records import Interval

__all__ = ["FEWEST_ITEMS", "PLAIN", "Figure", "Floats", "Resampling", "figure_of", "interval_of"]

Floats = NDArray[np.float64]
FEWEST_ITEMS = 10
"""With fewer items there is no interval: their resamples repeat each other and would feign certainty."""
DEFINED_SHARE = 0.95
"""With a smaller share of resamples in which the figure is defined there is no interval."""
SAME = 1e-12
CHUNK_WEIGHTS = 1_000_000
"""Weights held at once: 8 MB."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made.

    Attributes:
        resamples: how many; 0 for no intervals.
        confidence: two-sided, between 0 and 1.
        seed: of the draw.
    """

    resamples: int = 1000
    confidence: float = 0.95
    seed: int = 0


PLAIN = Resampling()
"""As usual: a thousand resamples, 95 %."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure about ratings.

    Attributes:
        value: NaN where it is not defined.
        n: items behind it.
        interval: None with few items, where it is hardly defined, or where all resamples agree.
    """

    value: float
    n: int
    interval: Interval | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain JSON form."""
        bounds = [self.interval.low, self.interval.high] if self.interval else None
        return {"value": self.value, "interval": bounds, "n": self.n}


def figure_of(parts: Floats, statistic: Callable[[Floats], Floats], how: Resampling) -> Figure:
    """A figure with its interval.

    Args:
        parts: what each item adds to the sums, [n, c].
        statistic: sums [r, c] → figures [r], NaN where not defined.
        how: how many resamples.
    """
    n = len(parts)
    if n == 0:
        return Figure(float("nan"), 0)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0 is how a figure says that it is not defined
        value = float(statistic(parts.sum(axis=0, keepdims=True))[0])
        if n < FEWEST_ITEMS or not how.resamples:
            return Figure(value, n)
        resampled = np.concatenate([statistic(weights @ parts) for weights in _weights(n, how)])
    return Figure(value, n, interval_of(resampled, how.confidence))


def interval_of(resampled: Floats, confidence: float) -> Interval | None:
    """The interval that holds the middle `confidence` of the resampled figures [r]."""
    defined = resampled[np.isfinite(resampled)]
    if len(defined) < DEFINED_SHARE * len(resampled) or np.ptp(defined) <= SAME:
        return None
    tail = (1 - confidence) / 2
    low, high = map(float, np.quantile(defined, [tail, 1 - tail]))
    return Interval(low, high, confidence)


def _weights(n: int, how: Resampling) -> Iterator[Floats]:
    """How often each item was drawn, [r, n] with r resamples at a time."""
    generator = np.random.default_rng(how.seed)
    at_once = max(1, CHUNK_WEIGHTS // n)
    for start in range(0, how.resamples, at_once):
        r = min(at_once, how.resamples - start)
        cells = generator.integers(0, n, size=(r, n)) + n * np.arange(r)[:, None]
        yield np.bincount(cells.ravel(), minlength=n * r).reshape(r, n).astype(np.float64)
