"""Logits → probabilities under a temperature, for every task whose outputs are probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["softmax"]


def softmax(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """softmax(logits / temperature) over the last axis, float32 of the same shape."""
    scaled = logits.astype(np.float32) / np.float32(temperature)
    scaled -= scaled.max(axis=-1, keepdims=True)  # exp of large logits would overflow
    exp = np.exp(scaled)
    result: NDArray[np.float32] = exp / exp.sum(axis=-1, keepdims=True)
    return result
