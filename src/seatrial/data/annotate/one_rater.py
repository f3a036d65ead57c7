"""How good one person is: held against what most of the other raters of the same item say.

The rater in question has no part in the answer they are held against, so the figure is a fair one for a model to beat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.ratings import Ratings
from seatrial.data.annotate.resampling import PLAIN, Figure, Resampling, figure_of

__all__ = ["one_rater_accuracy", "rater_accuracies"]


def one_rater_accuracy(
    ratings: Ratings,
    how: Resampling = PLAIN,
    *,
    agreed: float = 0.0,
) -> Figure:
    """How likely a rater drawn at random says what most of the others say.

    Each item counts the same, however many rated it. Items with one rating do not count.

    Args:
        ratings: who said what. Of labels with equally many votes the one listed first wins, as in a project.
        how: the interval over items.
        agreed: only items of which at least this share of all raters gave one label.

    Returns:
        The share, between 0 and 1.
    """
    counts = ratings.counts()
    m = counts.sum(axis=1)
    kept = (m >= 2) & (counts.max(axis=1, initial=0) >= agreed * m)
    counts, m = counts[kept], m[kept]
    hits = sum(counts[:, said] * _others_say(counts, said) for said in range(len(ratings.levels)))
    return figure_of(np.stack([hits / m, np.ones_like(m)], axis=1), lambda sums: sums[:, 0] / sums[:, 1], how)


def rater_accuracies(ratings: Ratings) -> NDArray[np.float64]:
    """How often each rater says what most of the others say, [raters]; NaN for one who never had company."""
    counts, raters = ratings.counts(), len(ratings.raters)
    agrees = np.stack([_others_say(counts, said) for said in range(len(ratings.levels))], axis=1)
    company = (counts.sum(axis=1) >= 2)[ratings.item]
    right = np.bincount(ratings.rater, weights=agrees[ratings.item, ratings.level] * company, minlength=raters)
    with np.errstate(invalid="ignore"):
        return right / np.bincount(ratings.rater, weights=company, minlength=raters)


def _others_say(counts: NDArray[np.float64], said: int) -> NDArray[np.bool_]:
    """For each item, whether `said` is still what most say once one vote for it is taken away, [n]."""
    others = counts.copy()
    others[:, said] -= 1
    still: NDArray[np.bool_] = others.argmax(axis=1) == said
    return still
