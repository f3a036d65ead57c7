"""CSV and TSV: quoting, headers, and rows that are wrong in every usual way."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.delimited import read_csv, read_tsv
from seatrial.errors import DataError
from seatrial.spec.data import Place


def read(content: str, max_bytes: int = 1000, **place: Any) -> list[Record | BadRecord]:
    return list(read_csv(io.BytesIO(content.encode()), "f.csv", Place(path="f.csv", **place), max_bytes))


def values(records: list[Record | BadRecord]) -> list[list[Any]]:
    return [list(record.values.values()) for record in records if isinstance(record, Record)]


def bad(records: list[Record | BadRecord]) -> list[tuple[int, str]]:
    return [(record.line, record.reason) for record in records if isinstance(record, BadRecord)]


def test_header_and_quoted_fields_over_several_lines() -> None:
    records = read('text,label\r\n"a, ""b""\r\n\r\nc",pos\r\nplain,neg\r\n')
    assert records == [
        Record(2, {"text": 'a, "b"\n\nc', "label": "pos"}),
        Record(5, {"text": "plain", "label": "neg"}),
    ]


def test_given_header_makes_the_first_line_data() -> None:
    assert read("a,b\n", header=["x", "y"]) == [Record(1, {"x": "a", "y": "b"})]


def test_delimiter_and_quoting_can_be_set() -> None:
    assert values(read('x;y\n"a;b";c\n', delimiter=";")) == [["a;b", "c"]]
    assert values(read('x;y\n"a;b\n', delimiter=";", quoting=False)) == [['"a', "b"]]


def test_tsv_takes_quotes_literally() -> None:
    place = Place(path="f", header=["x", "y"])
    assert list(read_tsv(io.BytesIO(b'1\t"Hi\n2\t5" x'), "f", place, 100)) == [
        Record(1, {"x": "1", "y": '"Hi'}),
        Record(2, {"x": "2", "y": '5" x'}),
    ]


def test_rows_with_too_few_or_too_many_fields() -> None:
    records = read("x,y\na\nb,c\nd,e,f\n\n")
    assert values(records) == [["b", "c"]]
    assert bad(records) == [(2, "1 fields where there are 2 columns"), (4, "3 fields where there are 2 columns")]


def test_an_unclosed_quote_costs_one_row_only() -> None:
    records = read('x,y\n1,"open\n2,b\n3,"c"\n4,"d\ne"\n')
    assert values(records) == [["2", "b"], ["3", "c"], ["4", "d\ne"]]
    assert [line for line, _ in bad(records)] == [2]


def test_an_unclosed_quote_at_the_end_and_before_the_bound() -> None:
    assert bad(read('x,y\n1,"open\n2,b')) == [(2, "a double quote that is never closed")]
    records = read('x,y\n1,"open\n' + "2,b\n" * 50, max_bytes=40)
    assert len(values(records)) == 50
    assert bad(records) == [(2, "a double quote that is never closed")]


def test_a_quote_inside_an_unquoted_field_is_text() -> None:
    assert values(read('x,y\n12" screen,a\nok,b\n13" screen,c\n')) == [
        ['12" screen', "a"],
        ["ok", "b"],
        ['13" screen', "c"],
    ]


def test_text_after_a_closing_quote_is_bad() -> None:
    records = read('x,y\n"a"b,c\nd,e\n')
    assert bad(records) == [(2, "a double quote in the middle of a field")]
    assert values(records) == [["d", "e"]]


def test_a_field_beyond_the_csv_modules_own_limit() -> None:
    long = "x" * 200_000
    assert values(read(f'x,y\n"{long}",b\n', max_bytes=300_000)) == [[long, "b"]]


def test_two_columns_with_one_name() -> None:
    with pytest.raises(DataError, match="two columns are called 'x'"):
        read("x,x\n1,2\n")


def test_a_header_that_is_no_text() -> None:
    with pytest.raises(DataError, match="the header line cannot be read: not utf-8") as caught:
        list(read_csv(io.BytesIO("téxt,label\n".encode("latin-1")), "f.csv", Place(path="f"), 100))
    assert caught.value.where == "f.csv:1"


cell = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=6))
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([["x", "y"], *rows])
    assert values(read(file.getvalue())) == rows
