from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.data.sources.reading import reading_of
from seatrial.errors import DataError, SpecError

GERMAN = "id;text\n1;größer als gedacht\n2;schön, aber heiß\n"
CHINESE = "编号,text\n1,这个产品很好，我很喜欢\n2,质量太差了\n"


@pytest.mark.parametrize(
    ("content", "encoding", "found", "word"),
    [
        (GERMAN, "utf-8", (None, ";"), ""),
        (GERMAN, "utf-16", ("utf-16", ";"), "größer"),
        (GERMAN, "cp1252", ("cp1252", ";"), "größer"),
        ("text\tid\ngrößer\t1\n", "cp1252", ("cp1252", "\t"), "größer"),  # öß alone is also a character of GB 18030
        (CHINESE, "gbk", ("gb18030", None), "这个产品很好，我很喜欢"),
        (CHINESE, "utf-8", (None, None), ""),
        ("text\nfirst; and\nsecond; or\n", "utf-8", (None, None), ""),
    ],
)
def test_encoding_and_delimiter_are_found(
    tmp_path: Path, content: str, encoding: str, found: tuple[str | None, str | None], word: str
) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(content.encode(encoding))
    reading = reading_of(file, where="--data")
    assert (reading.encoding, reading.delimiter) == found
    assert reading.sample("text") == word
    assert len(reading.rows) == content.count("\n") - 1


def test_what_is_known_is_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes("id;text\n1;größer\n".encode("cp1252"))
    reading = reading_of(file, encoding="latin-1", delimiter=";", where="--data")
    assert (reading.encoding, reading.delimiter, reading.rows[0]["text"]) == ("latin-1", ";", "größer")
    assert reading_of(file, delimiter=",", where="--data").delimiter == ","


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        reading_of(tmp_path / "none.csv", where="--data")
    (tmp_path / "d.xyz").write_text("a,b\n1,2\n")
    with pytest.raises(SpecError):
        reading_of(tmp_path / "d.xyz", where="--data")
