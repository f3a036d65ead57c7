"""The share of answers that are JSON and, where the project file has a JSON Schema, fit it.

The whole answer must be JSON; spaces around it do not count. That is what a program needs that reads the answers.
"""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.evaluate.metrics.texts import TextMetric, json_of
from seatrial.evaluate.text_rows import FITS, texts_of

__all__ = ["JSON_VALID", "JsonValid"]


class JsonValid(TextMetric):
    """See the module."""

    name = "json_valid"

    def values(self, written: Floats, wanted: Indices) -> Floats:
        """See `TextMetric.values`; [n], 1 or 0."""
        del wanted
        valid = [json_of(text)[0] for text in texts_of(written)]
        found: Floats = np.array(valid, dtype=np.float64) * (written[:, FITS] > 0)
        return found


JSON_VALID = JsonValid()
