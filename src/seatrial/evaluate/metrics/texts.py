"""Figures of what a model wrote, text by text: the mean of one value for each text.

The label scores are rows of texts (`seatrial.evaluate.text_rows`), and the truth is rows of the texts that were wanted.
A metric of this kind is one class with `values`.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import Any

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["TextMetric", "json_of"]


class TextMetric(WeightedMetric):
    """The mean of `values` over the texts that have one."""

    reads = "texts"
    decisions_only = True

    @abstractmethod
    def values(self, written: Floats, wanted: Indices) -> Floats:
        """A value from 0 to 1 for each text, [n]; NaN for one that does not count.

        Args:
            written: [n, …], rows of texts.
            wanted: [n, …], likewise.
        """

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        found = self.values(probabilities, labels)
        counts = np.isfinite(found).astype(np.float64)
        filled = np.nan_to_num(found)

        def figure(weights: Floats) -> Floats:
            total = counts @ weights
            mean = np.full(total.shape, np.nan)
            np.divide(filled @ weights, total, out=mean, where=total > 0)
            return mean

        return figure


def json_of(text: str) -> tuple[bool, Any]:
    """Whether a text is JSON (NaN and Infinity, which Python reads, are not), and the value."""
    try:
        return True, json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
