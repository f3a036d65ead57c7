"""What a row says about its split: names, groups and times in the forms that people write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from seatrial.data.split.keys import SplitKey, given_split, split_key, time_of
from seatrial.spec.data_split import Split


@pytest.mark.parametrize(
    ("value", "split"), [("Train", "train"), (" dev", "validation"), ("VAL", "validation"), ("test", "test")]
)
def test_given_splits_by_their_usual_names(value: str, split: str) -> None:
    assert given_split(value) == split


@pytest.mark.parametrize("value", [None, "", "holdout", 3])
def test_values_that_name_no_split(value: object) -> None:
    assert given_split(value) is None


@pytest.mark.parametrize(
    "value",
    ["2024-05-31T00:00:00Z", "2024-05-31", " 20240531T000000Z ", date(2024, 5, 31), datetime(2024, 5, 31, tzinfo=UTC),
     "2024-05-31T02:00+02:00", datetime(2024, 5, 31)],
)  # fmt: skip
def test_the_same_moment_in_many_forms(value: object) -> None:
    found = time_of(value)
    assert found is not None
    assert (found.value, found.number) == (1717113600.0, False)


def test_numbers_and_months() -> None:
    number, month = time_of("1998"), time_of("2024-05")
    assert number is not None
    assert (number.value, number.number) == (1998.0, True)
    assert month == time_of("2024-05-01")


@pytest.mark.parametrize("value", [None, "", "31/05/2024", "soon", True, float("nan"), "inf", "2024-13-01"])
def test_what_is_no_time(value: object) -> None:
    assert time_of(value) is None


def test_a_row_is_read_by_the_columns_that_the_project_names() -> None:
    row: dict[str, Any] = {"part": "dev", "who": 7, "when": "2024-01-01", "text": "x"}
    assert split_key(row, Split()) == SplitKey()
    asked = Split(column="part", group="who", time="when")
    assert split_key(row, asked) == SplitKey("validation", "7", time_of("2024-01-01"))
    assert split_key({**row, "part": "x"}, asked) == "part names no split"
    assert split_key({**row, "who": " "}, asked) == "who is missing"
    assert split_key({**row, "who": float("nan")}, asked) == "who is missing"
    assert split_key({**row, "when": "soon"}, asked) == "when is neither a date (ISO 8601) nor a number"
