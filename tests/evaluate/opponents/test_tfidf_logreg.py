from __future__ import annotations

import sys

import numpy as np
import pytest

from seatrial.errors import MissingExtraError
from seatrial.evaluate.opponents import OPPONENTS

LABELS = ("bad", "good", "unseen")
WORDS = {"bad": ("awful", "broken", "dull", "sad"), "good": ("lovely", "bright", "fine", "glad")}


@pytest.fixture
def train(example):
    generator = np.random.default_rng(0)
    return [
        example(label, f"the {generator.choice(WORDS[label])} thing number {number}")
        for number in range(30)
        for label in WORDS
    ]


def test_learns_words(train, example):
    opponent = OPPONENTS.get("tfidf-logreg")(train, LABELS, 0)
    found = opponent.probabilities([example("bad", "awful and dull"), example("good", "a lovely, glad day")])
    assert found.argmax(axis=1).tolist() == [0, 1]
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert opponent.probabilities([]).shape == (0, 3)


def test_learns_the_distribution_of_raters(example):
    train = [example("bad", "same text", (0.7, 0.3, 0.0))] * 30 + [
        example("bad", "other words", (0.95, 0.05, 0.0))
    ] * 30
    opponent = OPPONENTS.get("tfidf-logreg")(train, LABELS, 0)
    found = opponent.probabilities([example("bad", "same text"), example("bad", "other words")])
    np.testing.assert_allclose(found[:, 1], [0.3, 0.05], atol=0.04)


def test_seeded(train):
    first, second = (OPPONENTS.get("tfidf-logreg")(train, LABELS, 5).probabilities(train) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_label_too_rare_to_fold(example, train):
    opponent = OPPONENTS.get("tfidf-logreg")([*train, example("unseen", "一次")], LABELS, 0)
    assert opponent.probabilities([example("unseen", "一次")]).shape == (1, 3)


def test_without_scikit_learn(train, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match="tfidf-logreg"):
        OPPONENTS.get("tfidf-logreg")(train, LABELS, 0)


def test_blas_keeps_to_one_thread_while_fitting_and_is_given_back_its_own(train, monkeypatch):
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen, fit = [], LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", lambda *args, **more: seen.append(threads()) or fit(*args, **more))
    with threadpool_limits(limits=2, user_api="blas"):
        OPPONENTS.get("tfidf-logreg")(train, LABELS, 0)
        assert threads() == {2}
    assert seen
    assert all(found == {1} for found in seen)
