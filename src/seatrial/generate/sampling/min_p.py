"""Only tokens that are not much less probable than the best. arXiv 2407.01082 §3."""

from __future__ import annotations

import math

import numpy as np

from seatrial.generate.sampling.candidates import Candidates

__all__ = ["keep_min_p", "log_or_lowest"]


def log_or_lowest(share: float) -> float:
    """How far below the best a candidate may lie: the logarithm of a share, minus infinity for none."""
    return math.log(share) if share > 0 else -math.inf


def keep_min_p(candidates: Candidates, share: float) -> Candidates:
    """Candidates at least `share` as probable as the best one, which stays in any case."""
    if share <= 0:
        return candidates
    lowest = float(candidates.logits[0]) + log_or_lowest(share)
    return candidates.first(max(1, int(np.count_nonzero(candidates.logits >= lowest))))
