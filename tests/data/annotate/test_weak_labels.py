"""How good each rule is, found from how rules agree, without one right label."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.data.annotate.ratings import Ratings
from seatrial.data.annotate.weak_labels import weak_labels
from seatrial.errors import SpecError

LABELS = ("bad", "so-so", "good")


def made(seed: int, n: int = 3000) -> tuple[Ratings, np.ndarray, list[float]]:
    """Rules that speak about some texts: two good, four poor, and one that only ever says `good`."""
    draws = np.random.default_rng(seed)
    truth = draws.integers(0, 3, n)
    accuracies = [0.9, 0.85, 0.45, 0.45, 0.45, 0.45]
    votes = []
    for rule, accuracy in enumerate(accuracies):
        other = (truth + draws.integers(1, 3, n)) % 3
        said = np.where(draws.random(n) < accuracy, truth, other)
        votes += [(i, rule, said[i]) for i in np.flatnonzero(draws.random(n) < 0.6)]
    speaks = draws.random(n) < np.where(truth == 2, 0.64, 0.08)  # of its texts, 0.8 are good
    votes += [(i, 6, 2) for i in np.flatnonzero(speaks)]
    votes = [vote for vote in votes if vote[0] != 5]  # nobody speaks about the sixth
    item, rater, level = np.array(sorted(votes)).T
    names = tuple(f"r{rule}" for rule in range(8))  # the eighth never speaks
    return Ratings(tuple(map(str, range(n))), names, LABELS, item, rater, level), truth, [*accuracies, 0.8]


def test_it_finds_how_good_each_rule_is_and_beats_the_majority(seed: int) -> None:
    votes, truth, accuracies = made(seed)
    found, counted = weak_labels(votes, caution=0), weak_labels(votes, "majority")
    assert found.converged
    assert found.accuracy[:7] == pytest.approx(accuracies, abs=0.06)
    assert found.accuracy[7] == pytest.approx(0.7)  # the guess
    right, before = ((each.distribution.argmax(axis=1) == truth).mean() for each in (found, counted))
    assert right > before + 0.05
    assert found.distribution.sum(axis=1) == pytest.approx(np.ones(len(truth)))


def test_its_certainty_can_be_believed(seed: int) -> None:
    """Of texts whose label it holds for 0.8 to 0.9 likely, that share is right."""
    votes, truth, _ = made(seed)
    found = weak_labels(votes, caution=0).distribution
    sure = found.max(axis=1)
    some = (sure > 0.8) & (sure < 0.9)
    assert (found.argmax(axis=1) == truth)[some].mean() == pytest.approx(sure[some].mean(), abs=0.06)


def test_caution_draws_rules_together_and_keeps_their_order(seed: int) -> None:
    votes, truth, accuracies = made(seed)
    found = weak_labels(votes)
    assert min(found.accuracy[:2]) > max(found.accuracy[2:6]) > 1 / 3
    assert np.ptp(found.accuracy) < np.ptp(accuracies)
    majority = weak_labels(votes, "majority").distribution.argmax(axis=1)
    assert (found.distribution.argmax(axis=1) == truth).mean() > (majority == truth).mean() + 0.03


def test_rules_that_never_agree_are_not_turned_round() -> None:
    """Three rules for three labels that only ever meet in conflict: none may come to speak against its own label."""
    said = [(i, rule, rule) for i in range(300) for rule in range(3) if i % 3 == rule or i % 10 == 0]
    item, rater, level = np.array(said).T
    found = weak_labels(Ratings(tuple(map(str, range(300))), ("a", "b", "c"), LABELS, item, rater, level))
    assert found.accuracy.min() >= 1 / 3
    alone = [i for i in range(300) if i % 10]
    assert (found.distribution.argmax(axis=1)[alone] == [i % 3 for i in alone]).all()


@pytest.mark.parametrize("how", ["accuracy", "majority"])
def test_a_text_that_no_rule_speaks_about_has_the_balance(how: str, seed: int) -> None:
    found = weak_labels(made(seed, 200)[0], how, balance=[1, 1, 2])
    assert not found.covered[5]
    assert found.distribution[5] == pytest.approx([0.25, 0.25, 0.5])


def test_no_rule_speaks_at_all() -> None:
    none = np.array([], dtype=np.intp)
    found = weak_labels(Ratings(("1", "2"), ("r",), LABELS, none, none, none))
    assert not found.covered.any()
    assert found.distribution == pytest.approx(np.full((2, 3), 1 / 3))


def test_settings_that_cannot_be_meant(seed: int) -> None:
    votes = made(seed, 50)[0]
    with pytest.raises(SpecError, match="unknown way 'best'"):
        weak_labels(votes, "best")
    for balance in ([1, 1], [1, 1, 0], [1, 1, float("nan")]):
        with pytest.raises(SpecError, match="does not fit 3 labels"):
            weak_labels(votes, balance=balance)
