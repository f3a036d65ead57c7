from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.data.flow import table_of
from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError


def test_several_files_are_read_one_after_the_other_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id;text\n1;schön\n".encode("cp1252"))
    (tmp_path / "b.jsonl").write_text('{"id": 2, "text": "b"}\n', encoding="utf-8")
    table = table_of([tmp_path / "a.csv", tmp_path / "b.jsonl"])
    assert [row.values["text"] for row in table.rows() if not isinstance(row, BadRow)] == ["schön", "b"]
    assert [row.provenance.row for row in table.rows()] == [1, 1]
    assert table.columns == ("id", "text")
    assert [word for guess in table.guesses for word in ("cp1252", "';'") if word in guess] == ["cp1252", "';'"]
    assert "right if this word is: schön" in table.guesses[0]
    file = str(tmp_path / "a.csv")
    assert table.read_as == ({"file": file, "encoding": "cp1252", "delimiter": ";", "word": "schön"},)


def test_the_column_is_named_usual_or_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,a\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,review\n1,a\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("review\na\n", encoding="utf-8")
    assert table_of([tmp_path / "a.csv"]).column(None) == "text"
    assert table_of([tmp_path / "b.csv"]).column("review") == "review"
    assert table_of([tmp_path / "c.csv"]).column(None) == "review"
    with pytest.raises(DataError, match="which column is meant is not clear: 'id', 'review'"):
        table_of([tmp_path / "b.csv"]).column(None)
    with pytest.raises(DataError, match="did you mean 'review'"):
        table_of([tmp_path / "b.csv"]).column("reviews")
