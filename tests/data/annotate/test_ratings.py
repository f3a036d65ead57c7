"""Votes become items × raters with gaps."""

from __future__ import annotations

import pytest

from seatrial.data.annotate.ratings import ratings_of
from seatrial.errors import DataError

VOTES = [("t1", "ann", "10"), ("t2", "bob", "9"), ("t1", "bob", "9")]


def test_gaps_and_orders() -> None:
    ratings = ratings_of(VOTES)
    assert (ratings.items, ratings.raters, ratings.levels) == (("t1", "t2"), ("ann", "bob"), ("9", "10"))
    assert ratings.counts().tolist() == [[1, 1], [1, 0]]
    assert ratings.item.tolist() == [0, 0, 1]
    assert ratings.numbers().tolist() == [9, 10]


def test_words_are_ordered_by_name_unless_the_order_is_given() -> None:
    votes = [("t1", "ann", "low"), ("t1", "bob", "high"), ("t2", "bob", "7")]
    assert ratings_of(votes).levels == ("7", "high", "low")
    given = ratings_of(votes, levels=["low", "7", "high", "never"])
    assert given.levels == ("low", "7", "high", "never")
    assert given.counts().tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]


def test_items_that_nobody_rated_can_be_listed() -> None:
    ratings = ratings_of(VOTES, items=["t0", "t1"])
    assert ratings.items == ("t0", "t1", "t2")
    assert ratings.counts().sum(axis=1).tolist() == [0, 2, 1]


def test_a_second_rating_of_the_same_item_is_refused() -> None:
    with pytest.raises(DataError, match="'ann' rated 't1' twice"):
        ratings_of([*VOTES, ("t1", "ann", "9")])


def test_an_undeclared_level_is_refused() -> None:
    with pytest.raises(DataError, match="'10' of 't1' by 'ann' is not declared"):
        ratings_of(VOTES, levels=["9"])


def test_no_votes_at_all() -> None:
    with pytest.raises(DataError, match="nobody rated anything"):
        ratings_of([])
