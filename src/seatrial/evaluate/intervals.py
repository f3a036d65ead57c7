"""How sure a figure is: the percentile bootstrap, seeded, many statistics on the same resamples.

All statistics see the same weights, so the difference of two of them, resample by resample, is the paired bootstrap.
Refuses to know: metrics, labels, slices.

Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", §13.3 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Statistic
from seatrial.records import Interval

__all__ = ["FEWEST_ITEMS", "bootstrap", "percentile_interval"]

FEWEST_ITEMS = 10
"""With fewer items there is no interval: their resamples repeat each other and would feign certainty."""
DEFINED_SHARE = 0.95
"""With a smaller share of resamples in which the statistic is defined there is no interval."""
SAME = 1e-12
"""Resampled values that differ by no more are equal up to rounding."""
CHUNK_WEIGHTS = 1_000_000
"""Weights held at once: 8 MB, which stays near the processor and bounds memory for any number of items."""


def bootstrap(statistics: Sequence[Statistic], n: int, *, resamples: int, seed: int) -> Floats:
    """Compute every statistic on the same resamples.

    Args:
        statistics: functions of weights [n, r].
        n: number of items, at least 1.
        resamples: how many resamples, each of n items drawn with replacement.
        seed: of the draw; the same seed, n and resamples give the same weights.

    Returns:
        [len(statistics), …, resamples]; NaN where a statistic is not defined. Statistics that give several figures at
        once have them in between.
    """
    chunks = [[statistic(weights) for statistic in statistics] for weights in _weights(n, resamples, seed)]
    return np.concatenate([np.array(chunk) for chunk in chunks], axis=-1)


def _weights(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each item was drawn, [n, r] with r resamples at a time."""
    generator = np.random.default_rng(seed)
    at_once = max(1, CHUNK_WEIGHTS // n)
    for start in range(0, resamples, at_once):
        r = min(at_once, resamples - start)
        cells = generator.integers(0, n, size=(n, r)) * r + np.arange(r)
        yield np.bincount(cells.ravel(), minlength=n * r).reshape(n, r).astype(np.float64)


def percentile_interval(values: Floats, *, n: int, confidence: float, lowest: float = 0.0) -> Interval | None:
    """The interval that holds the middle `confidence` of the resampled values.

    Where all resamples agree (every item right, say) the bootstrap would claim certainty. Then the interval reaches as
    far as the share of items of another kind that n items can miss with probability (1 - confidence) / 2: for an
    accuracy of 1 that is the exact binomial (Clopper-Pearson) bound.

    Args:
        values: [resamples], NaN where the statistic is not defined.
        n: number of items behind each resample.
        confidence: two-sided, between 0 and 1.
        lowest: the least possible value: 0, or -1 for the difference of two shares.

    Returns:
        The interval; None with fewer than `FEWEST_ITEMS` items, or when the statistic is undefined too often.
    """
    defined = values[np.isfinite(values)]
    if n < FEWEST_ITEMS or len(defined) < DEFINED_SHARE * len(values) or len(defined) == 0:
        return None
    tail = (1 - confidence) / 2
    low, high = map(float, np.quantile(defined, [tail, 1 - tail]))
    if defined.max() - defined.min() <= SAME:
        unseen = 1 - tail ** (1 / n)
        low, high = max(low - unseen, min(low, lowest)), min(high + unseen, max(high, 1.0))
    return Interval(low, high, confidence)
