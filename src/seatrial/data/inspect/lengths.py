"""How long texts are: exact quantiles from counts per length, in memory that does not grow with the number of texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from seatrial.data.augment.words import UNSPACED

__all__ = ["Lengths", "word_count"]

MOST = 1 << 20
"""A longer text counts as one of this length; rows are not longer, unless `max_row_bytes` was raised."""
QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95, "p99": 0.99}
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Lengths:
    """Lengths in one unit, counted."""

    def __init__(self) -> None:
        self._counts = np.zeros(MOST + 1, np.int64)
        self._sum = 0

    def add(self, lengths: Iterable[int]) -> None:
        """Count further texts."""
        given = np.fromiter(lengths, np.int64)
        self._sum += int(given.sum())
        np.add.at(self._counts, np.minimum(given, MOST), 1)

    def row(self) -> dict[str, Any] | None:
        """{mean, min, p5, p50, p95, p99, max}, or None without texts; each quantile is a length that occurs."""
        total = int(self._counts.sum())
        if not total:
            return None
        below = np.cumsum(self._counts)
        there = np.flatnonzero(self._counts)
        found = {name: int(np.searchsorted(below, share * total)) for name, share in QUANTILES.items()}
        return {"mean": self._sum / total, "min": int(there[0]), **found, "max": int(there[-1])}

    def histogram(self) -> list[dict[str, int]]:
        """Rows {from, to, count} with doubling bounds: 1, 2 to 3, 4 to 7, …; from the first with texts to the last."""
        rows = []
        start = 1
        while start <= MOST:
            stop = min(2 * start, MOST + 1)
            rows.append({"from": start, "to": stop - 1, "count": int(self._counts[start:stop].sum())})
            start *= 2
        there = [place for place, row in enumerate(rows) if row["count"]]
        return rows[there[0] : there[-1] + 1] if there else []


def word_count(text: str) -> int:
    """Words; of scripts that put no spaces between words each character counts as one."""
    unspaced = 0 if text.isascii() else len(UNSPACED.findall(text))
    return unspaced + sum(1 for _ in WORD.finditer(UNSPACED.sub(" ", text) if unspaced else text))
