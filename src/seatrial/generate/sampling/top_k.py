"""Only the k most probable tokens. Fan et al., arXiv 1805.04833 §5.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.generate.sampling.candidates import Candidates, best

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["keep_top_k"]


def keep_top_k(logits: NDArray[np.float32], k: int) -> Candidates:
    """The k best of logits [V], or all where there are fewer."""
    return best(logits, k)
