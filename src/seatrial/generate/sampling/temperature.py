"""Temperature: below 1 the probable becomes more probable, above 1 less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["scale"]

LOWEST = 1e-4
"""Colder is not told from 0, where float32 would overflow."""


def scale(logits: NDArray[np.float32], temperature: float) -> None:
    """Divide logits [V] in place; the temperature is above 0."""
    if temperature != 1:
        logits /= np.float32(max(temperature, LOWEST))
