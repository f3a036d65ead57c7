"""How far raters agree: percent, Fleiss' kappa and Krippendorff's alpha over all, Cohen's kappa for each two.

Every coefficient is a function of sums over items, so one pass over the items gives it and its bootstrap interval.
Only items with two or more ratings count. Refuses to know: who is right.

Symbols: n_ic is how many gave item i the level c, m_i the ratings of item i.

Sources: Fleiss 1971, "Measuring nominal scale agreement among many raters"; Krippendorff 2011, "Computing
Krippendorff's Alpha-Reliability"; Cohen 1960, "A coefficient of agreement for nominal scales".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.ratings import Ratings, Scale
from seatrial.data.annotate.resampling import FEWEST_ITEMS, PLAIN, Figure, Floats, Resampling, figure_of, interval_of
from seatrial.errors import SpecError

__all__ = [
    "LabelAgreement",
    "PairAgreement",
    "fleiss_kappa",
    "krippendorff_alpha",
    "label_agreement",
    "pair_agreement",
    "percent_agreement",
    "unanimous_share",
]

MAX_ORDINAL_LEVELS = 30
"""The ordinal coefficient looks at every two levels, for every item and in every resample."""
MAX_RATERS_IN_PAIRS = 40


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far raters agree on one label.

    Attributes:
        label: the label.
        share: of all ratings.
        agreement: given that one rater said it, how likely another one says it too.
        alpha: Krippendorff's, of this label against the rest.
        kappa: Fleiss', for this category.
    """

    label: str
    share: float
    agreement: Figure
    alpha: Figure
    kappa: Figure


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two raters agree on the items that both rated.

    Attributes:
        first: a rater.
        second: another rater.
        percent: share of items with the same label.
        kappa: Cohen's.
    """

    first: str
    second: str
    percent: float
    kappa: Figure


def percent_agreement(ratings: Ratings, how: Resampling = PLAIN) -> Figure:
    """How likely two raters of an item say the same, between 0 and 1; chance is not taken out."""
    counts, m = _rated(ratings)
    same = (counts * (counts - 1)).sum(axis=1) / (m * (m - 1))
    return figure_of(np.stack([same, np.ones_like(m)], axis=1), lambda sums: sums[:, 0] / sums[:, 1], how)


def unanimous_share(ratings: Ratings, how: Resampling = PLAIN) -> Figure:
    """Share of items whose raters all say the same, between 0 and 1."""
    counts, m = _rated(ratings)
    parts = np.stack([(counts.max(axis=1) == m).astype(np.float64), np.ones_like(m)], axis=1)
    return figure_of(parts, lambda sums: sums[:, 0] / sums[:, 1], how)


def fleiss_kappa(ratings: Ratings, how: Resampling = PLAIN) -> Figure:
    """Agreement beyond chance of any number of raters on names, at most 1; 0 is chance.

    Fleiss asks for the same number of raters for every item. Where it differs, the agreement within an item counts
    the same for every item, and chance is that of all ratings together.

    Returns:
        The figure; NaN where every rating is the same.
    """
    counts, m = _rated(ratings)
    same = (counts * (counts - 1)).sum(axis=1) / (m * (m - 1))

    def kappa(sums: Floats) -> Floats:
        observed = sums[:, 0] / sums[:, 1]
        shares = sums[:, 2:] / sums[:, 2:].sum(axis=1, keepdims=True)
        chance = (shares**2).sum(axis=1)
        return _beyond(observed, chance)

    return figure_of(np.column_stack([same, np.ones_like(m), counts]), kappa, how)


def krippendorff_alpha(ratings: Ratings, scale: Scale = "nominal", how: Resampling = PLAIN) -> Figure:
    """Agreement beyond chance for any number of raters, any gaps and three scales, at most 1; 0 is chance.

    Args:
        ratings: who said what.
        scale: `nominal`, different is different; `ordinal`, by the ranks between two levels, in the order of
            `ratings.levels`; `interval`, by the squared difference of numbers.
        how: the interval.

    Returns:
        The figure; NaN where every rating is the same.

    Raises:
        SpecError: an interval scale with levels that are no numbers, or an ordinal one with too many levels.
    """
    counts, m = _rated(ratings)
    if scale == "nominal":
        # With n pairable ratings: disagreements observed are n − Σ same, expected (n² − Σ n_c²) / (n − 1).
        same = (counts * (counts - 1)).sum(axis=1) / (m - 1)

        def nominal(sums: Floats) -> Floats:
            by_level = sums[:, 1:]
            n = by_level.sum(axis=1)
            return _alpha(n - sums[:, 0], n**2 - (by_level**2).sum(axis=1), n)

        return figure_of(np.column_stack([same, counts]), nominal, how)
    if scale == "interval":
        return _interval_alpha(ratings.numbers(), counts, m, how)
    return _ordinal_alpha(counts, m, how)


def label_agreement(ratings: Ratings, how: Resampling = PLAIN) -> list[LabelAgreement]:
    """Agreement on each label against all others, in the order of `ratings.levels`."""
    counts, m = _rated(ratings)
    found = []
    for place, label in enumerate(ratings.levels):
        own = counts[:, place]
        same, apart = own * (own - 1) / (m - 1), own * (m - own) / (m - 1)
        parts = np.stack([same, apart, own, m], axis=1)
        share = float(own.sum() / m.sum()) if len(m) else float("nan")
        found.append(
            LabelAgreement(
                label,
                share,
                agreement=figure_of(parts, lambda sums: sums[:, 0] / sums[:, 2], how),
                alpha=figure_of(parts, lambda s: _alpha(2 * s[:, 1], 2 * s[:, 2] * (s[:, 3] - s[:, 2]), s[:, 3]), how),
                kappa=figure_of(parts, lambda s: _beyond(s[:, 0] / s[:, 2], s[:, 2] / s[:, 3]), how),
            )
        )
    return found


def pair_agreement(ratings: Ratings, how: Resampling = PLAIN) -> list[PairAgreement]:
    """Cohen's kappa of every two raters with a common item; empty with more than 40 raters."""
    if len(ratings.raters) > MAX_RATERS_IN_PAIRS:
        return []
    k = len(ratings.levels)
    said = np.full((len(ratings.raters), len(ratings.items)), -1, dtype=np.intp)
    said[ratings.rater, ratings.item] = ratings.level
    return list(_pairs(ratings, said, k, how))


def _pairs(ratings: Ratings, said: NDArray[np.intp], k: int, how: Resampling) -> Iterator[PairAgreement]:
    for a, b in combinations(range(len(ratings.raters)), 2):
        both = (said[a] >= 0) & (said[b] >= 0)
        n = int(both.sum())
        if not n:
            continue
        table = np.bincount(said[a][both] * k + said[b][both], minlength=k * k).astype(np.float64)
        value = float(_cohen(table[None], k)[0])
        interval = None
        if n >= FEWEST_ITEMS and how.resamples:
            # Drawing n items is drawing n cells of the table of what the two said.
            drawn = np.random.default_rng(how.seed).multinomial(n, table / n, size=how.resamples)
            interval = interval_of(_cohen(drawn.astype(np.float64), k), how.confidence)
        percent = float(table.reshape(k, k).trace() / n)
        yield PairAgreement(ratings.raters[a], ratings.raters[b], percent, Figure(value, n, interval))


def _cohen(tables: Floats, k: int) -> Floats:
    """Cohen's kappa of tables [r, k * k]."""
    shares = tables.reshape(-1, k, k) / tables.sum(axis=1)[:, None, None]
    chance = (shares.sum(axis=1) * shares.sum(axis=2)).sum(axis=1)
    return _beyond(np.trace(shares, axis1=1, axis2=2), chance)


def _rated(ratings: Ratings) -> tuple[Floats, Floats]:
    """Counts [n, k] and numbers of ratings [n] of the items with two ratings or more."""
    counts = ratings.counts()
    m = counts.sum(axis=1)
    return counts[m >= 2], m[m >= 2]


def _beyond(observed: Floats, chance: Floats) -> Floats:
    """Agreement beyond chance; NaN where chance alone gives full agreement."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)


def _alpha(observed: Floats, expected: Floats, n: Floats) -> Floats:
    """1 − D_o / D_e from disagreements summed over pairs: D_o = observed / n, D_e = expected / (n (n − 1))."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan)


def _interval_alpha(numbers: Floats, counts: Floats, m: Floats, how: Resampling) -> Figure:
    """From sums and sums of squares; both disagreements are variances."""
    x = numbers - numbers.mean()  # large numbers far from zero would cancel
    first, second = counts @ x, counts @ x**2
    within = 2 * (m * second - first**2) / (m - 1)

    def alpha(sums: Floats) -> Floats:
        n = sums[:, 3]
        expected = 2 * (n * sums[:, 2] - sums[:, 1] ** 2)
        return _alpha(sums[:, 0], np.where(expected > 1e-9 * np.abs(n * sums[:, 2]), expected, 0.0), n)

    return figure_of(np.stack([within, first, second, m], axis=1), alpha, how)


def _ordinal_alpha(counts: Floats, m: Floats, how: Resampling) -> Figure:
    """The distance of two levels is that of their middle ranks among all ratings, so it changes with the resample."""
    k = counts.shape[1]
    if k > MAX_ORDINAL_LEVELS:
        raise SpecError(
            f"there are {k} different ratings",
            where="ratings",
            expected=f"at most {MAX_ORDINAL_LEVELS} levels on an ordinal scale",
            hint="use the scale interval if they are measurements",
        )
    together = counts[:, :, None] * counts[:, None, :]
    together[:, range(k), range(k)] -= counts
    together /= (m - 1)[:, None, None]

    def alpha(sums: Floats) -> Floats:
        coincidences = sums.reshape(-1, k, k)
        by_level = coincidences.sum(axis=2)
        ranks = by_level.cumsum(axis=1) - by_level / 2
        distance = (ranks[:, :, None] - ranks[:, None, :]) ** 2
        expected = (by_level[:, :, None] * by_level[:, None, :] * distance).sum(axis=(1, 2))
        return _alpha((coincidences * distance).sum(axis=(1, 2)), expected, by_level.sum(axis=1))

    return figure_of(together.reshape(-1, k * k), alpha, how)
