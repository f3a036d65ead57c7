from __future__ import annotations

import numpy as np
import pytest

from seatrial.data.annotate.one_rater import one_rater_accuracy, rater_accuracies
from seatrial.data.annotate.ratings import ratings_of

from .published import by_count, by_rater
from .test_dawid_skene import crowd


def test_each_rater_is_held_against_the_others_only() -> None:
    """Three yes and two no: one who says yes agrees with 2 against 2 only where yes is listed first."""
    assert one_rater_accuracy(by_count("32")).value == pytest.approx(3 / 5)
    assert one_rater_accuracy(by_count("23")).value == 0  # of 2 : 2 the first wins, and those who say it face 1 : 3
    assert one_rater_accuracy(by_count("50 05")).value == 1


def test_only_items_on_which_most_agree() -> None:
    table = "41 32 50"
    assert one_rater_accuracy(by_count(table), agreed=0.8).n == 2
    assert one_rater_accuracy(by_count(table), agreed=0.8).value == pytest.approx((0.8 + 1) / 2)


def test_it_is_what_counting_one_by_one_gives(seed: int) -> None:
    ratings, _, _ = crowd(seed, n=60)
    per_item: dict[int, list[bool]] = {}
    right: dict[int, list[bool]] = {}
    for place, (item, rater, level) in enumerate(zip(ratings.item, ratings.rater, ratings.level, strict=True)):
        others = np.delete(ratings.level, place)[np.delete(ratings.item, place) == item]
        if len(others):
            hit = np.bincount(others, minlength=3).argmax() == level
            per_item.setdefault(item, []).append(hit)
            right.setdefault(rater, []).append(hit)
    figure = one_rater_accuracy(ratings)
    assert figure.value == pytest.approx(np.mean([np.mean(hits) for hits in per_item.values()]))
    assert figure.interval is not None
    assert figure.interval.low < figure.value < figure.interval.high
    assert rater_accuracies(ratings) == pytest.approx([np.mean(right[r]) for r in range(6)])


def test_a_rater_without_company_has_no_figure() -> None:
    ratings = by_rater("a a .\na b .\n. . a")
    assert np.isnan(rater_accuracies(ratings)[2])
    assert ratings_of([("x", "ann", "a")]).counts().shape == (1, 1)
