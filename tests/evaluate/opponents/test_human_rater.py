from __future__ import annotations

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.measure import label_indices, scores
from seatrial.evaluate.opponents import OPPONENTS

LABELS = ("a", "b", "c")


def rater(seed=0):
    return OPPONENTS.get("human-rater")([], LABELS, seed)


def test_answers_like_the_raters(example):
    examples = [example("a", distribution=(0.6, 0.0, 0.4))] * 4000
    found = rater().probabilities(examples)
    assert set(found.ravel()) == {0.0, 1.0}
    assert (found.sum(axis=1) == 1).all()
    np.testing.assert_allclose(found.mean(axis=0), [0.6, 0, 0.4], atol=0.03)
    assert scores(["accuracy"], found, label_indices(examples, LABELS))["accuracy"] == pytest.approx(0.6, abs=0.03)


def test_seeded(example):
    examples = [example("a", distribution=(0.4, 0.3, 0.3))] * 50
    assert np.array_equal(rater(1).probabilities(examples), rater(1).probabilities(examples))
    assert not np.array_equal(rater(1).probabilities(examples), rater(2).probabilities(examples))


def test_never_gives_a_label_that_nobody_gave(example):
    thirds = (1 / 3, 1 / 3 - 1e-17, 1 / 3)  # sums to a little less than 1
    examples = [example("b", distribution=(0.0, 1.0, 0.0))] * 500 + [example("a", distribution=thirds)] * 500
    found = rater().probabilities(examples)
    assert (found[:500] == [0, 1, 0]).all()
    assert np.isfinite(found).all()


def test_nobody_rated_one_example(example):
    found = rater().probabilities([example("a"), example("a", distribution=(1.0, 0.0, 0.0))])
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [1, 0, 0]


def test_nobody_rated_anything(example):
    with pytest.raises(SpecError, match="one label per example"):
        rater().probabilities([example("a"), example("b")])
