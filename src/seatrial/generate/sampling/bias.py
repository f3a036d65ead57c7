"""A constant added to the logits of certain tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["add_bias"]


def add_bias(logits: NDArray[np.float32], bias: Mapping[int, float]) -> None:
    """Change logits [V] in place; `bias` is token id → what is added."""
    if bias:
        logits[np.fromiter(bias, dtype=np.int64, count=len(bias))] += np.fromiter(
            bias.values(), dtype=np.float32, count=len(bias)
        )
