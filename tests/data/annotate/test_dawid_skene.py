"""The raters' confusion matrices and the right labels, from ratings alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from seatrial.data.annotate.dawid_skene import dawid_skene
from seatrial.data.annotate.ratings import Ratings, ratings_of

from .published import ANAESTHETISTS


def anaesthetists() -> Ratings:
    """The first one answered three times; `ratings_of` would refuse that."""
    words = ANAESTHETISTS.split()
    said = np.array([[int(c) - 1 for c in word] for word in words])
    rater = np.tile([0, 0, 0, 1, 2, 3, 4], len(words))
    item = np.repeat(np.arange(len(words)), 7)
    return Ratings(tuple(map(str, range(45))), tuple("12345"), tuple("1234"), item, rater, said.ravel())


def test_the_published_example() -> None:
    """Dawid and Skene 1979, table 2: the shares of the classes and the error rates of the first two anaesthetists."""
    model = dawid_skene(anaesthetists(), smoothing=0)
    assert model.converged
    assert model.prior.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    first = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    assert model.confusion[0] == pytest.approx(np.array(first), abs=0.006)
    second = [[0.83, 0.17, 0, 0], [0.05, 0.63, 0.32, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert model.confusion[1] == pytest.approx(np.array(second), abs=0.006)


def crowd(seed: int, n: int = 400) -> tuple[Ratings, np.ndarray, list[float]]:
    """Two good raters, four poor ones who share a habit, and gaps."""
    draws = np.random.default_rng(seed)
    truth = draws.choice(3, n, p=[0.5, 0.3, 0.2])
    accuracies = [0.95, 0.92, 0.5, 0.5, 0.5, 0.5]
    votes = []
    for rater, accuracy in enumerate(accuracies):
        right = draws.random(n) < accuracy
        said = np.where(right, truth, 0)
        asked = draws.random(n) < 0.9
        votes += [(f"{i}", f"{rater}", f"{said[i]}") for i in range(n) if asked[i]]
    return ratings_of(votes, levels="012", items=[f"{i}" for i in range(n)]), truth, accuracies


def test_it_finds_the_good_raters_and_beats_the_majority(seed: int) -> None:
    ratings, truth, _ = crowd(seed)
    model = dawid_skene(ratings)
    assert model.converged
    by_vote = ratings.counts().argmax(axis=1)
    assert (model.posterior.argmax(axis=1) == truth).mean() > (by_vote == truth).mean() + 0.05
    assert set(np.argsort(-model.rater_accuracy())[:2]) == {0, 1}
    assert model.confusion[0, 1, 1] == pytest.approx(0.95, abs=0.08)
    assert model.posterior.sum(axis=1) == pytest.approx(np.ones(len(truth)))
    assert model.confusion.sum(axis=2) == pytest.approx(np.ones((6, 3)))


def test_the_likelihood_never_falls(seed: int) -> None:
    ratings, _, _ = crowd(seed, n=100)
    found = [dawid_skene(ratings, smoothing=0, max_iterations=i).log_likelihood for i in range(1, 12)]
    assert all(after >= before - 1e-9 for before, after in pairwise(found))


def test_the_same_ratings_in_another_order_give_the_same_model(seed: int) -> None:
    votes = [(f"{i}", f"{r}", "ab"[(i * r + r) % 5 < 2]) for i in range(30) for r in range(4)]
    items = [f"{i}" for i in range(30)]
    shuffled = [votes[i] for i in np.random.default_rng(seed).permutation(len(votes))]
    one, two = (dawid_skene(ratings_of(v, levels="ab", items=items)) for v in (votes, shuffled))
    assert one.posterior == pytest.approx(two.posterior, abs=1e-6)


def test_thousands_of_ratings_of_one_item_do_not_underflow() -> None:
    votes = [(f"{i}", f"{r}", "ab"[(r + i) % 10 == 0]) for i in range(2) for r in range(3000)]
    posterior = dawid_skene(ratings_of(votes)).posterior
    assert np.isfinite(posterior).all()
    assert posterior[:, 0].min() > 0.99


def test_an_item_that_nobody_rated_has_the_prior() -> None:
    ratings = ratings_of([("x", "a", "yes"), ("y", "a", "no"), ("z", "a", "yes")], items=["none"])
    model = dawid_skene(ratings)
    assert model.posterior[0] == pytest.approx(model.prior)
