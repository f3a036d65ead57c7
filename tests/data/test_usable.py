"""Rows that can be used, and when the others are too many."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.data.sources.base import BadRow
from seatrial.data.usable import BadRows, readable_rows, usable_rows
from seatrial.errors import DataError
from seatrial.records import Provenance, Row


def rows(*values: dict[str, Any]) -> list[Row]:
    return [Row(its, Provenance("s", number)) for number, its in enumerate(values, start=1)]


def test_a_row_is_bad_without_a_column_or_with_no_text_where_one_belongs() -> None:
    given = rows(
        {"t": "a", "c": 1}, {"t": "b"}, {"t": ["b"], "c": 1}, {"c": 1}, {"t": 3, "c": ["x"]}, {"t": None, "c": 1}
    )
    found = list(readable_rows(given, ["c"], texts=["t"]))
    assert [row.reason if isinstance(row, BadRow) else "" for row in found] == [
        "",
        "no column 'c'",
        "'t' holds a list or an object, not a text",
        "no column 't'",
        "",
        "",
    ]
    assert isinstance(found[1], BadRow)
    assert (found[1].where, found[1].text) == ("row 2 of s", "{'t': 'b'}")


def test_too_many_bad_rows_stop_the_work_and_each_is_heard() -> None:
    given = rows({"t": "a"}, {}, {"t": "b"}, {}, {})
    heard: list[int] = []
    bad = BadRows(1, lambda row: heard.append(row.provenance.row), hint="mend them")
    left = usable_rows(given, ["t"], bad)
    assert [next(left).values["t"], next(left).values["t"]] == ["a", "b"]
    with pytest.raises(DataError, match="no column 't'; more than 1 rows cannot be read") as caught:
        next(left)
    assert (bad.count, heard, caught.value.hint, caught.value.where) == (2, [2, 4], "mend them", "row 4 of s")
