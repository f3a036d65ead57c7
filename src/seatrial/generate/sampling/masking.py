"""Rules out tokens that a constraint does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import ServiceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["rule_out"]


def rule_out(logits: NDArray[np.float32], allowed: NDArray[np.bool_]) -> None:
    """Set logits [V] of what is not allowed to minus infinity, in place.

    Args:
        allowed: [V], or shorter where a network has more logits than its tokenizer has tokens; the rest is ruled out.

    Raises:
        ServiceError: nothing at all is allowed.
    """
    size = allowed.shape[0]
    if size > logits.shape[0] or not allowed.any():
        raise ServiceError(
            "the constraint allows no token" if size <= logits.shape[0] else f"the constraint's mask has {size} places",
            expected=f"at least one of {logits.shape[0]} tokens",
        )
    logits[:size][~allowed] = -np.inf
    logits[size:] = -np.inf
