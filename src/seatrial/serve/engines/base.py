"""What the service needs of a runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Network"]


class Network(Protocol):
    """A loaded network. Called from several threads at once."""

    def logits(self, token_ids: Sequence[Sequence[int]], pad_id: int = 0) -> NDArray[np.float32]:
        """Compute one batch.

        Args:
            token_ids: one non-empty sequence of token ids per text, special tokens included; at least one text.
            pad_id: id that fills the gaps; they are masked.

        Returns:
            What the network gives, float32 [texts, k].
        """
