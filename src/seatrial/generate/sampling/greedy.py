"""The most probable token; the lower id where two are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["most_probable"]


def most_probable(logits: NDArray[np.float32]) -> int:
    """Its id; logits are [V]."""
    return int(logits.argmax())
