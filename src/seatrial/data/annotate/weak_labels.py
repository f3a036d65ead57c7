"""What many rules say about a text → how likely each label is, without a single label given by a person.

`accuracy` finds out how often each rule is right from how often rules agree: a rule that mostly agrees with others is
trusted more. One number per rule, whatever it says, and silence says nothing about the label; so a rule that only ever
says one label can be judged too, which a confusion matrix over its own answers cannot do. It takes for granted that
rules err independently of each other, given the label: two rules that look at the same words are one rule asked twice.

`majority` counts votes.

Source: Ratner, De Sa, Wu, Selsam and Ré 2016, "Data Programming: Creating Large Training Sets, Quickly" (its model with
independent rules; fitted here by expectation and maximisation, which needs no sampling).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.dawid_skene import normalised
from seatrial.data.annotate.ratings import Ratings
from seatrial.errors import SpecError

__all__ = ["COMBINATIONS", "WeakLabels", "weak_labels"]

COMBINATIONS = ("accuracy", "majority")
FIRST_GUESS = 0.7
"""A rule is taken to be right this often, until the texts say otherwise."""
FEWEST_TEXTS = 10.0
"""The guess weighs at least as much as so many texts."""
CAUTION = 0.5
"""The guess also weighs as much as this share of the texts that the rule speaks about. Real rules look at the same
words, and then agree without being right: taken at its word, the model comes to trust a few rules entirely."""


@dataclass(frozen=True, slots=True)
class WeakLabels:
    """What the rules say together.

    Attributes:
        distribution: how likely each label is, [texts, k]; the balance for a text that no rule speaks about.
        covered: whether any rule speaks about the text, [texts].
        accuracy: how often each rule is right when it speaks, as the model sees it, [rules]; NaN with `majority`.
        converged: whether the model came to rest; True with `majority`.
    """

    distribution: NDArray[np.float64]
    covered: NDArray[np.bool_]
    accuracy: NDArray[np.float64]
    converged: bool


def weak_labels(
    votes: Ratings,
    how: str = "accuracy",
    *,
    balance: Sequence[float] | None = None,
    caution: float = CAUTION,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
) -> WeakLabels:
    """Bring together what rules say.

    Args:
        votes: each rule as a rater.
        how: `accuracy` or `majority`.
        balance: how frequent each label is, in the order of `votes.levels`; equally frequent when None. `majority`
            uses it for texts that no rule speaks about only.
        caution: how much a rule's first guess (0.7) weighs, as a share of the texts it speaks about; 0 where rules are
            known to be independent.
        tolerance: at rest once no rule's accuracy changes by more.
        max_iterations: the end, at rest or not.

    Raises:
        SpecError: no such way, or a balance that does not fit.
    """
    n, k, rules = len(votes.items), len(votes.levels), len(votes.raters)
    prior = _prior(balance, k)
    counts = votes.counts()
    covered = counts.sum(axis=1) > 0
    if how == "majority":
        return WeakLabels(normalised(counts, otherwise=prior), covered, np.full(rules, np.nan), True)
    if how != "accuracy":
        raise SpecError(f"unknown way {how!r} to combine rules", where="combine", expected="accuracy or majority")
    cells = votes.item * k + votes.level
    spoken = np.bincount(votes.rater, minlength=rules)
    guess = FEWEST_TEXTS + caution * spoken
    accuracy = np.full(rules, FIRST_GUESS)
    converged = False
    distribution = np.tile(prior, (n, 1))
    for _ in range(max_iterations):
        weight = np.log(accuracy * (k - 1) / (1 - accuracy))  # for the label it says, against each of the others
        scores = np.bincount(cells, weights=weight[votes.rater], minlength=n * k).reshape(n, k) + np.log(prior)
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        distribution = likely / likely.sum(axis=1, keepdims=True)
        if converged:
            break
        right = np.bincount(votes.rater, weights=distribution[votes.item, votes.level], minlength=rules)
        # Below chance a rule would speak for the labels that it does not say: rather, it then says nothing.
        updated = np.maximum((right + FIRST_GUESS * guess) / (spoken + guess), 1 / k)
        converged = bool(np.abs(updated - accuracy).max(initial=0.0) < tolerance)
        accuracy = updated
    return WeakLabels(distribution, covered, accuracy, converged)


def _prior(balance: Sequence[float] | None, k: int) -> NDArray[np.float64]:
    if balance is None:
        return np.full(k, 1 / k)
    prior = np.array(balance, dtype=np.float64)
    if prior.shape != (k,) or not (np.isfinite(prior).all() and (prior > 0).all()):
        raise SpecError(
            f"the balance {list(balance)} does not fit {k} labels",
            where="balance",
            expected="one number above 0 per label",
        )
    shares: NDArray[np.float64] = prior / prior.sum()
    return shares
