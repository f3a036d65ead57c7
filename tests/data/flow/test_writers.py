from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from seatrial.data.flow import open_writer, table_of
from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError, SpecError

ROWS = [
    {"id": 1, "text": 'one, "quoted"\nand more', "stars": None},
    {"id": 2, "text": "two", "stars": 4.5},
]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz", "a.jsonl.gz"])
def test_rows_come_back_as_they_were_written(tmp_path: Path, name: str) -> None:
    with open_writer(tmp_path / name) as writer:
        for row in ROWS:
            writer.write(row)
    rows = [row.values for row in table_of([tmp_path / name]).rows() if not isinstance(row, BadRow)]
    assert [row["text"] for row in rows] == [row["text"] for row in ROWS]
    assert [str(row["id"]) for row in rows] == ["1", "2"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_tsv_has_no_quotes_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.tsv") as writer:
        writer.write({"id": 1, "text": 'say "so"'})
    assert (tmp_path / "a.tsv").read_bytes() == b'id\ttext\n1\tsay "so"\n'
    with pytest.raises(DataError, match="row 1 holds a tab or a line break"), open_writer(tmp_path / "b.tsv") as writer:
        writer.write({"text": "a\nb"})


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1 x", "-1,5", "-", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless_and_counted(tmp_path: Path, text: str) -> None:
    with open_writer(tmp_path / "a.csv") as writer:
        writer.write({"text": text})
        assert (writer.formulas, writer.escaped) == (1, 1)
    assert "'" + text[0] in (tmp_path / "a.csv").read_bytes().decode()
    with open_writer(tmp_path / "b.csv", formulas="keep") as writer:
        writer.write({"text": text})
        assert (writer.formulas, writer.escaped) == (1, 0)
    assert next(iter(table_of([tmp_path / "b.csv"]).rows())).values["text"] == text


def test_numbers_are_no_formulas_and_jsonl_keeps_everything(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.csv") as writer:
        writer.write({"score": -1.5, "rating": "-2", "change": "+1.5e-3"})
        assert writer.formulas == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1] == "-1.5,-2,+1.5e-3"
    with open_writer(tmp_path / "a.jsonl.gz") as writer:
        writer.write({"text": "=1+1 \ud800", "more": [1, {"a": None}]})
    line = gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).decode()
    assert json.loads(line) == {"text": "=1+1 \ud800", "more": [1, {"a": None}]}


def test_nothing_is_there_when_it_fails_and_the_old_file_stays(tmp_path: Path) -> None:
    old = tmp_path / "a.csv"
    old.write_text("old\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 2 has a column 'b' that the first row lacks"), open_writer(old) as writer:
        writer.write({"a": 1})
        writer.write({"a": 1, "b": 2})
    message = "row 2 has a column 'b' that the first row lacks"
    with pytest.raises(DataError, match=message), open_writer(tmp_path / "a.parquet") as writer:
        writer.write({"a": 1})
        writer.write({"a": 1, "b": 2})
    with pytest.raises(DataError, match="surrogate"), open_writer(old) as writer:
        writer.write({"a": "\ud800"})
    with pytest.raises(DataError, match="do not fit one Parquet column"), open_writer(tmp_path / "a.parquet") as writer:
        writer.write({"a": 1})
        writer.write({"a": "x"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert old.read_text(encoding="utf-8") == "old\n"


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.parquet.gz", "a.gz"])
def test_an_ending_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError, match="does not tell a format to write"), open_writer(tmp_path / name):
        pass
