"""How good each rater is, and what the right labels are, found together from nothing but the ratings.

Each rater has a confusion matrix: what they say for each right label. The right labels are not known; expectation and
maximisation take turns. It starts from the shares of the votes, so it has no random part. It needs raters who rated
several items each, and takes for granted that raters err independently of each other, given the right label.

Refuses to know: texts.

Source: Dawid and Skene 1979, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.ratings import Ratings

__all__ = ["DawidSkene", "dawid_skene", "normalised"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """What the model found.

    Attributes:
        prior: share of each label among the items, [k].
        confusion: rater × right label × what they say; the last axis sums to 1, [raters, k, k].
        posterior: how likely each label is for each item, [items, k]; the prior for an item that nobody rated.
        log_likelihood: of all ratings, in nats.
        iterations: how many it took.
        converged: whether it came to rest.
    """

    prior: Floats
    confusion: Floats
    posterior: Floats
    log_likelihood: float
    iterations: int
    converged: bool

    def rater_accuracy(self) -> Floats:
        """How likely each rater says the right label of an item drawn at random, [raters]."""
        found: Floats = np.einsum("t,rtt->r", self.prior, self.confusion)
        return found


def dawid_skene(
    ratings: Ratings, *, smoothing: float = 0.01, tolerance: float = 1e-7, max_iterations: int = 1000
) -> DawidSkene:
    """Fit the model.

    Args:
        ratings: who said what; levels are names, their order means nothing.
        smoothing: ratings added to each cell of every confusion matrix and to the prior, so that what was never seen
            is unlikely and not impossible; 0 for plain maximum likelihood.
        tolerance: at rest once the log-likelihood per rating rises by less.
        max_iterations: the end, at rest or not.

    Returns:
        The model. Where all raters make the same mistake, so does it.
    """
    n, k, raters = len(ratings.items), len(ratings.levels), len(ratings.raters)
    counts = ratings.counts()
    posterior = normalised(counts, otherwise=counts.sum(axis=0))
    before, log_likelihood, converged = -np.inf, -np.inf, False
    prior, confusion = np.empty(k), np.empty((raters, k, k))
    iterations = 0
    rated = np.bincount(ratings.item, minlength=n) > 0
    while iterations < max_iterations and not converged:
        iterations += 1
        prior = normalised(posterior[rated].sum(axis=0) + smoothing)
        confusion = _confusion(ratings, posterior, smoothing)
        posterior, log_likelihood = _expect(ratings, prior, confusion)
        converged = log_likelihood - before < tolerance * len(ratings.item)
        before = log_likelihood
    return DawidSkene(prior, confusion, posterior, log_likelihood, iterations, bool(converged))


def _confusion(ratings: Ratings, posterior: Floats, smoothing: float) -> Floats:
    """Maximise: what each rater said, weighted by how likely each label is the right one."""
    k, raters = len(ratings.levels), len(ratings.raters)
    cells = ratings.rater * k + ratings.level
    table: Floats = np.stack(
        [np.bincount(cells, weights=posterior[ratings.item, right], minlength=raters * k) for right in range(k)]
    )
    return normalised(table.reshape(k, raters, k).transpose(1, 0, 2) + smoothing)


def _expect(ratings: Ratings, prior: Floats, confusion: Floats) -> tuple[Floats, float]:
    """How likely each label is, given all that was said, and the log-likelihood; in logs, since products underflow."""
    n, k = len(ratings.items), len(ratings.levels)
    with np.errstate(divide="ignore"):
        evidence = np.log(confusion)[ratings.rater, :, ratings.level]  # [m, k]
        scores = np.tile(np.log(prior), (n, 1))
    for right in range(k):
        scores[:, right] += np.bincount(ratings.item, weights=evidence[:, right], minlength=n)
    highest = scores.max(axis=1, keepdims=True)
    likely = np.exp(scores - highest)
    total = likely.sum(axis=1, keepdims=True)
    return likely / total, float((highest + np.log(total)).sum())


def normalised(table: Floats, otherwise: Floats | None = None) -> Floats:
    """Shares along the last axis; where all is zero, those of `otherwise`, or equal ones."""
    total = table.sum(axis=-1, keepdims=True)
    instead = np.ones(table.shape[-1]) if otherwise is None else otherwise
    return np.where(total > 0, table / np.where(total > 0, total, 1.0), instead / instead.sum())
