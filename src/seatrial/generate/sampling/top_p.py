"""Only the most probable tokens that together reach a probability ("nucleus"). arXiv 1904.09751 §3.1."""

from __future__ import annotations

import numpy as np

from seatrial.generate.sampling.candidates import Candidates, probabilities

__all__ = ["keep_top_p"]


def keep_top_p(candidates: Candidates, p: float, share: float = 1.0) -> Candidates:
    """The shortest beginning of the candidates that reaches the probability p; at least one, at most all.

    Args:
        candidates: best first.
        p: to be reached.
        share: of the probability that p is about, what these candidates hold.
    """
    if p >= 1:
        return candidates
    reached = np.cumsum(probabilities(candidates.logits)) * share
    return candidates.first(int(np.searchsorted(reached, p)) + 1)
