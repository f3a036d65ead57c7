"""Which item a rater sees next: begun ones first, then what a model is least sure of, then a seeded order.

Refuses to know: texts, models and where answers are kept.

Source: Settles 2009, "Active Learning Literature Survey", §3.1 (uncertainty sampling).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Uncertainty", "next_item", "seeded_order", "uncertainty"]

Uncertainty = Literal["margin", "entropy"]


def seeded_order(items: Sequence[str], seed: int) -> list[str]:
    """The items shuffled: the same for the same names and seed, and items added later leave the others' order alone."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}\0{item}".encode("utf-8", "replace")).digest())


def uncertainty(probabilities: NDArray[np.float32], how: Uncertainty = "margin") -> NDArray[np.float64]:
    """How unsure a model is of each text, between 0 (sure) and 1.

    Args:
        probabilities: [n, k], k at least 2.
        how: `margin`, one minus the lead of the likeliest label over the second; `entropy`, of all labels, over that of
            equal shares.
    """
    import numpy as np

    shares = np.asarray(probabilities, dtype=np.float64)
    if how == "margin":
        best = np.sort(shares, axis=1)
        return np.asarray(1 - (best[:, -1] - best[:, -2]))
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=1) / np.log(shares.shape[1]))


def next_item(
    order: Sequence[str],
    *,
    own: Collection[str],
    answers: Mapping[str, int],
    held: Mapping[str, int],
    per_item: int,
    unsure: Mapping[str, float],
) -> str | None:
    """The item to show to a rater.

    Args:
        order: all items, in their seeded order.
        own: those that this rater has answered or skipped.
        answers: item → raters who answered it; items without any may be left out.
        held: item → other raters who are looking at it now.
        per_item: raters who shall answer each item.
        unsure: item → how unsure a model is, as far as known.

    Returns:
        Of the items that still need this rater: one that others have begun, so that agreement shows early; else the one
        that the model is least sure of; else the first. None where nothing is left.
    """
    best, best_rank = None, (0.0, 0.0)
    for item in order:
        given = answers.get(item, 0)
        if item in own or given + held.get(item, 0) >= per_item:
            continue
        rank = (float(given), 1.0 + unsure.get(item, -1.0))
        if best is None or rank > best_rank:
            best, best_rank = item, rank
    return best
