"""A source as a whole: numbering, joins, added columns, files that are there but unusable."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError, SpecError
from seatrial.records import Provenance, Row
from seatrial.spec.data import Source


def read(root: Path, **source: Any) -> list[Row | BadRow]:
    spec = Source.model_validate({"name": "s", **source})
    return list(read_rows(spec, root=root, max_row_bytes=1000, where="data.sources.0"))


def test_rows_are_numbered_across_files_and_get_the_added_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t\n1\n2,x\n")
    (tmp_path / "b.csv").write_text("t\n3\n")
    first, bad, last = read(tmp_path, path="*.csv", add={"domain": "d"})
    assert first == Row({"t": "1", "domain": "d"}, Provenance("s", 1))
    assert isinstance(bad, BadRow)
    assert (bad.where, bad.provenance.row) == ("a.csv:3", 2)
    assert last == Row({"t": "3", "domain": "d"}, Provenance("s", 3))


def test_an_added_column_must_be_new(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t,domain\n1,x\n")
    with pytest.raises(SpecError, match="already has a column 'domain'"):
        read(tmp_path, path="a.csv", add={"domain": "d"})


def test_text_files_have_a_column_text(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("one\n\n two\n")
    rows = read(tmp_path, path="good.txt", add={"label": "good"})
    assert [row.values for row in rows if isinstance(row, Row)] == [
        {"text": "one", "label": "good"},
        {"text": " two", "label": "good"},
    ]


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("id,mean,t\n1,0,one\n2,0,two\n3,0,three\n")
    (tmp_path / "b.jsonl").write_text('{"id": 3, "mean": 9, "r": "c"}\nbroken\n{"id": 1, "r": "a"}\n')
    return tmp_path


def test_a_join_by_key_whatever_its_type(pair: Path) -> None:
    rows = read(pair, path="a.csv", join={"on": "id", "path": "b.jsonl"})
    assert [dict(row.values) for row in rows if isinstance(row, Row)] == [
        {"id": "1", "mean": "0", "t": "one", "r": "a"},
        {"id": "3", "mean": "0", "t": "three", "r": "c"},
    ]
    assert [(row.provenance, row.where, row.reason) for row in rows if isinstance(row, BadRow)] == [
        (Provenance("s (join)", 2), "b.jsonl:2", "not JSON"),
        (Provenance("s", 2), "a.csv:3", "no row with the same id in b.jsonl"),
    ]


@pytest.mark.parametrize(
    ("file", "more", "where"), [("a.csv", "1,0,again\n", "a.csv:5"), ("b.jsonl", '{"id": "1"}\n', "b.jsonl:4")]
)
def test_a_key_must_be_unique_in_both_files(pair: Path, file: str, more: str, where: str) -> None:
    with (pair / file).open("a") as handle:
        handle.write(more)
    with pytest.raises(DataError, match="the key id='1' is also that of") as caught:
        read(pair, path="a.csv", join={"on": "id", "path": "b.jsonl"})
    assert caught.value.where == where


def test_a_join_on_a_column_that_is_not_there(pair: Path) -> None:
    with pytest.raises(DataError, match="no column 'idd'") as caught:
        read(pair, path="a.csv", join={"on": "idd", "path": "b.jsonl"})
    assert caught.value.hint == "did you mean 'id'?"


@pytest.mark.parametrize("content", ["", "text,label\n", "\n\n"])
def test_a_file_without_rows(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError, match=r"a\.csv: has no rows"):
        read(tmp_path, path="a.csv")


def test_a_cut_gzip_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"t\n" + b"1\n" * 10_000)[:-20])
    with pytest.raises(DataError, match=r"a\.csv\.gz: cannot be read"):
        read(tmp_path, path="a.csv.gz")
