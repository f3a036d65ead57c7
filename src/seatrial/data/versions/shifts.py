"""How far the labels and the lengths of two versions lie apart, from their counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

__all__ = ["class_shift", "length_shift"]

Counts = tuple[Any, int, int]
"""A value, and how often it is in version a and in version b."""
QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}


def class_shift(counts: Iterable[Counts], rows: tuple[int, int], most: int) -> tuple[list[dict[str, Any]], float]:
    """The labels with their shares, and the total variation distance: half the sum of what the shares differ by.

    Args:
        counts: (label, in a, in b), the most frequent first; gone through once.
        rows: in a and in b, of all labels.
        most: how many labels to list; the distance counts all of them.
    """
    listed: list[dict[str, Any]] = []
    apart = 0.0
    for label, in_a, in_b in counts:
        share_a, share_b = in_a / (rows[0] or 1), in_b / (rows[1] or 1)
        apart += abs(share_a - share_b)
        if len(listed) < most:
            listed.append({"label": label, "a": in_a, "b": in_b, "share_a": share_a, "share_b": share_b})
    return listed, apart / 2


def length_shift(counts: Sequence[Counts]) -> tuple[dict[str, dict[str, float]], float]:
    """Mean and quantiles of each version, and the Kolmogorov-Smirnov statistic: the widest gap between the two.

    Args:
        counts: (length in characters, in a, in b), the shortest first.
    """
    summaries: dict[str, dict[str, float]] = {}
    reached: list[list[float]] = []
    for name, side in (("a", 1), ("b", 2)):
        total = sum(row[side] for row in counts)
        below = [count / (total or 1) for count in accumulate(row[side] for row in counts)]
        reached.append(below)
        if total:
            found = {"mean": sum(row[0] * row[side] for row in counts) / total}
            for quantile, share in QUANTILES.items():
                found[quantile] = next(row[0] for row, part in zip(counts, below, strict=True) if part >= share - 1e-12)
            summaries[name] = found
    return summaries, max((abs(one - other) for one, other in zip(*reached, strict=True)), default=0.0)
