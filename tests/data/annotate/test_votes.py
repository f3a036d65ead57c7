"""The three shapes in which people keep ratings, and cells with shares."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.data.annotate.votes import long_votes, row_shares, row_votes, table_votes
from seatrial.errors import DataError, SpecError
from seatrial.records import Provenance, Row

SIGNS = ("bad", "so-so", "good")
NAN = float("nan")


def rows(*values: dict[str, Any]) -> list[Row]:
    return [Row(value, Provenance("s.csv", number)) for number, value in enumerate(values, start=1)]


@pytest.mark.parametrize(
    ("cell", "votes"),
    [
        ('["a", "", null, " b "]', {"1": "a", "4": "b"}),
        (["a", None, 2.0], {"1": "a", "3": "2"}),
        (["a", NAN, " "], {"1": "a"}),
        ({"ann": "a", "bob": None}, {"ann": "a"}),
        ('{"ann": "a", "bob": 1}', {"ann": "a", "bob": "1"}),
    ],
)
def test_one_column_with_every_rating(cell: Any, votes: dict[str, str]) -> None:
    assert row_votes({"r": cell}, "r", "label", ()) == votes


def test_a_column_per_rater_with_gaps() -> None:
    values = {"ann": "2", "bob": NAN, "eve": 0, "joe": " ", "kim": -1.5, "text": "t"}
    assert row_votes(values, ["ann", "bob", "eve", "joe", "kim"], "sign", SIGNS) == {
        "ann": "good",
        "eve": "so-so",
        "kim": "bad",
    }


@pytest.mark.parametrize("cell", [None, "[]", [], "{}", 3, "[null]", '[""]'])
def test_no_votes(cell: Any) -> None:
    assert row_votes({"r": cell}, "r", "label", ()) == "ratings are missing"


def test_a_sign_needs_numbers_and_three_labels() -> None:
    for rating in ("good", True, "nan"):
        assert row_votes({"r": [1, rating]}, "r", "sign", SIGNS) == "a rating is not a number"
    with pytest.raises(SpecError, match="gives three labels, the project declares 2"):
        row_votes({"r": [1]}, "r", "sign", SIGNS[:2])


def test_a_table_of_items() -> None:
    table = rows({"id": "x", "a": "yes", "b": ""}, {"id": "y", "a": "", "b": ""}, {"id": "z", "a": "no", "b": "no"})
    assert list(table_votes(table, ["a", "b"], item="id", kind="label")) == [
        ("x", "a", "yes"),
        ("z", "a", "no"),
        ("z", "b", "no"),
    ]
    assert [vote[0] for vote in table_votes(table, ["a", "b"], item=None, kind="label")] == ["1", "3", "3"]


def test_a_table_of_ratings() -> None:
    table = rows({"i": 1.0, "who": "ann", "l": "yes"}, {"i": 1, "who": "bob", "l": None}, {"i": 2, "who": 7, "l": 3.0})
    assert list(long_votes(table, item="i", rater="who", label="l")) == [("1", "ann", "yes"), ("2", "7", "3")]


def test_what_is_missing_or_broken_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match=r"s.csv, row 1: there is no column 'an'"):
        list(table_votes(rows({"ann": "yes"}), ["an"], item=None, kind="label"))
    with pytest.raises(DataError, match=r"row 2: ratings are not a JSON list"):
        list(table_votes(rows({"r": "[1]"}, {"r": "1;2"}), "r", item=None, kind="label"))
    with pytest.raises(DataError, match=r"row 1: a rating without who"):
        list(long_votes(rows({"i": "x", "who": "", "l": "yes"}), item="i", rater="who", label="l"))


@pytest.mark.parametrize(
    "cell", [{"bad": 1, "good": 3}, '{"bad": 0.25, "good": 0.75}', {"bad": 1, "so-so": None, "good": 3}]
)
def test_shares_are_scaled_to_one(cell: Any) -> None:
    assert row_shares(cell, SIGNS) == (0.25, 0, 0.75)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (None, "distribution is missing"),
        (" ", "distribution is missing"),
        ("[0.5, 0.5]", "no mapping"),
        ("half", "no mapping"),
        ({"awful": 1}, "'awful' in the distribution is not a declared label"),
        ({"bad": -1, "good": 2}, "not numbers of at least 0"),
        ({"bad": "1"}, "not numbers"),
        ({"bad": 0}, "all are 0"),
        ({"bad": NAN}, "not numbers"),
    ],
)
def test_shares_that_are_none(cell: Any, why: str) -> None:
    found = row_shares(cell, SIGNS)
    assert isinstance(found, str)
    assert why in found


def test_a_row_without_the_column_is_no_rating_but_a_column_that_no_row_has_is_a_mistake() -> None:
    rows = [Row({"text": "x"}, Provenance("s", 1)), Row({"ratings": ["a", "b"]}, Provenance("s", 2))]
    assert list(table_votes(rows, "ratings", item=None, kind="label")) == [("2", "1", "a"), ("2", "2", "b")]
    with pytest.raises(DataError, match="no column 'rating'"):
        list(table_votes(rows, "rating", item=None, kind="label"))


def test_ratings_that_cannot_be_read_are_told_or_stop_it() -> None:
    rows = [Row({"r": r}, Provenance("s", i)) for i, r in enumerate(("[1]", '["x"]', "[-1]"))]
    told: list[str] = []
    kept = table_votes(
        rows, "r", item=None, kind="sign", labels=("n", "o", "p"), refuse=lambda row, reason: told.append(reason)
    )
    assert [vote[0] for vote in kept] == ["1", "3"]
    assert told == ["a rating is not a number"]
