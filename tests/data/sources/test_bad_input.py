"""Bad input of every kind, through the entrance that all readers share: one clear error or bad row each."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError, SpecError
from seatrial.records import Row
from seatrial.spec.data import Source


def rows_of(root: Path, name: str, **more: Any) -> list[Row | BadRow]:
    source = Source.model_validate({"name": "s", "path": name, **more})
    return list(read_rows(source, root=root, max_row_bytes=1_000_000, where="data.sources.0"))


@pytest.mark.parametrize(
    ("name", "content", "bad"),
    [
        ("a.csv", b"text,label\ncaf\xe9,x\nok,x\n", {"a.csv:2": "not utf-8"}),
        ("a.csv", b"text,label\na\0b,x\nok,x\n", {"a.csv:2": "holds NUL bytes"}),
        ("a.jsonl", b'{"text": "a"}\n{"text": "\0"}\n', {"a.jsonl:2": "holds NUL bytes"}),
        ("a.csv", b"text,label\na,b,c\na\nok,x\n", {"a.csv:2": "3 fields where there are 2 columns",
                                                    "a.csv:3": "1 fields where there are 2 columns"}),
        ("a.csv", b'text,label\n"a "" b",x\n"open,x\nok,x\n"a"b,x\nok,x\n',
         {"a.csv:3": "a double quote that is never closed", "a.csv:5": "a double quote in the middle of a field"}),
        ("a.jsonl", b'{"text": "a"}\n[1]\n{"text": \n', {"a.jsonl:2": "not a JSON object", "a.jsonl:3": "not JSON"}),
        ("a.jsonl", b'{"text": "a"}\n' + b"[" * 100_000 + b"\n", {"a.jsonl:2": "not JSON"}),
    ],
)  # fmt: skip
def test_bad_rows_are_named_and_the_others_read(tmp_path: Path, name: str, content: bytes, bad: dict[str, str]) -> None:
    (tmp_path / name).write_bytes(content)
    rows = rows_of(tmp_path, name)
    assert {row.where: row.reason for row in rows if isinstance(row, BadRow)} == bad
    assert any(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "has no rows"),
        ("a.csv", b"text,text\na,b\n", "two columns are called 'text'"),
        ("a.csv", b"te\0xt,label\na,b\n", "the header line cannot be read: holds NUL"),
        ("a.csv", b"PK\x03\x04rest", "is a zip file"),
        ("a.csv", b"BZh91AY", "is a bzip2 file"),
        ("a.csv", b"%PDF-1.7\n", "is a PDF file"),
        ("a.csv", b"SQLite format 3\0rest", "is a SQLite database"),
        ("a.csv", "text\na\n".encode("utf-16"), "byte order mark of UTF-16"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        rows_of(tmp_path, name)
    assert name in str(caught.value.where)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.docx", "save it as text"), ("a.tar", "unpack"), ("a.db", "`database` and `sql`"), ("a.json", "format: jsonl")],
)
def test_endings_that_are_well_known_get_their_own_advice(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(SpecError, match="does not tell its format") as caught:
        rows_of(tmp_path, name)
    assert hint in str(caught.value.hint)


def test_a_million_columns(tmp_path: Path) -> None:
    # looking for equal names one by one would take hours
    (tmp_path / "a.csv").write_text(",".join(f"{i:x}" for i in range(150_000)) + "\n1\n")
    with pytest.raises(DataError, match="has 150,000 columns"):
        rows_of(tmp_path, "a.csv")
    (tmp_path / "a.csv").write_text("," * 1_000_000 + "\n1\n")
    with pytest.raises(DataError, match="has 1,000,001 columns"):
        rows_of(tmp_path, "a.csv")


def test_a_line_of_200_mb_is_never_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(b"text\nbefore\n")
        file.seek(200_000_000, 1)  # a hole: as long a line as the disk likes
        file.write(b"\nafter\n")
    tracemalloc.start()
    rows = rows_of(tmp_path, "a.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    assert peak < 20_000_000
