"""The tokens that may still be drawn, best first, with their logits. Refuses to know: which rule left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["Candidates", "best", "in_order_of_ids", "probabilities", "share_of"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Token ids [C] and their logits [C], best first; the lower id first where logits are equal."""

    token_ids: NDArray[np.int64]
    logits: Floats

    def first(self, count: int) -> Candidates:
        """Only the best `count`."""
        return Candidates(self.token_ids[:count], self.logits[:count])


def best(logits: Floats, count: int) -> Candidates:
    """The `count` best of logits [V]. A partition first: sorting a whole vocabulary takes milliseconds."""
    size = logits.shape[0]
    if count < size:
        threshold = np.partition(logits, size - count)[size - count]
        token_ids = np.flatnonzero(logits >= threshold)
    else:
        token_ids = np.arange(size)
    order = np.argsort(-logits[token_ids], kind="stable")[:count]
    token_ids = token_ids[order]
    return Candidates(token_ids, logits[token_ids])


def in_order_of_ids(logits: Floats) -> Candidates:
    """All of logits [V], not sorted: enough to draw from."""
    return Candidates(np.arange(logits.shape[0]), logits)


def share_of(candidates: Candidates, logits: Floats) -> float:
    """How much of the probability of logits [V] the candidates hold."""
    highest = logits.max()
    held = np.exp(candidates.logits - highest).sum(dtype=np.float64)
    return float(held / np.exp(logits - highest).sum(dtype=np.float64))


def probabilities(logits: Floats) -> NDArray[np.float64]:
    """The softmax of logits [C], which may hold minus infinity but not only that."""
    weights = np.exp(logits.astype(np.float64) - float(logits.max()))
    result: NDArray[np.float64] = weights / weights.sum()
    return result
