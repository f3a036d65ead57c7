"""How probable the network found what was chosen, and what it found most probable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seatrial.generate.sampling.candidates import best

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["log_softmax", "most_probable_with_logs"]


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities of logits [..., V]; the largest is taken out first, or exp overflows."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True, dtype=np.float64))
    return result.astype(np.float32)


def most_probable_with_logs(log_probabilities: NDArray[np.float32], count: int) -> tuple[tuple[int, float], ...]:
    """The `count` best of log-probabilities [V] as (token id, log-probability), best first."""
    if not count:
        return ()
    found = best(log_probabilities, count)
    return tuple(zip(found.token_ids.tolist(), found.logits.tolist(), strict=True))
