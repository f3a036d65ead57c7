"""Texts as rows of numbers, so that what a model wrote is sliced, resampled and measured like anything else.

A row is a flag and then the text's characters as code points, filled up with -1. The flag says whether the text fits
the JSON Schema of the project file; where there is none, every text does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.metrics.base import Floats, Indices

__all__ = ["FITS", "text_rows", "texts_of"]

FITS = 0
"""Column of the flag."""
NOTHING = -1


def text_rows(texts: Sequence[str], fits: Sequence[bool] | None = None) -> NDArray[np.float32]:
    """Rows [n, 1 + longest] of n texts; float32 holds every code point exactly."""
    longest = max(map(len, texts), default=0)
    rows = np.full((len(texts), 1 + longest), NOTHING, dtype=np.float32)
    for place, (row, text) in enumerate(zip(rows, texts, strict=True)):
        row[FITS] = fits is None or fits[place]
        row[1 : 1 + len(text)] = [ord(character) for character in text]
    return rows


def texts_of(rows: Floats | Indices) -> list[str]:
    """The inverse, without the flags."""
    return ["".join(chr(int(code)) for code in row[1:] if code >= 0) for row in rows]
