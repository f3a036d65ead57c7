from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from seatrial.data.sources.reading import reading_of
from seatrial.errors import DataError, SeatrialError, SpecError

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


RUSSIAN = "id,text\n1,Отличный товар пришёл быстро и целый\n"


def test_russian_is_found_with_a_word_to_check_by(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(RUSSIAN.encode("cp1251"))
    reading = reading_of(file, where="--data")
    assert (reading.encoding, reading.sample()) == ("cp1251", "Отличный")
    assert reading_of(file, encoding="auto", where="--data").encoding == "cp1251"


def test_a_line_that_is_no_json_or_no_utf8_says_nothing_about_the_file(tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    good = '{"text": "größer als gedacht"}\n'
    file.write_bytes((good * 3 + "{torn\n").encode() + good.encode("cp1252"))
    reading = reading_of(file, where="--data")
    assert (reading.encoding, len(reading.rows)) == (None, 3)
    file.write_bytes(good.encode("cp1252"))
    with pytest.raises(DataError, match="not utf-8"):
        reading_of(file, where="--data")
    assert reading_of(file, encoding="cp1252", where="--data").rows == [{"text": "größer als gedacht"}]


def test_lines_in_another_encoding_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(GERMAN.encode() + "3;größer\n".encode("cp1252"))
    reading = reading_of(file, where="--data")
    assert (reading.encoding, reading.delimiter, len(reading.rows)) == (None, ";", 2)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"encoding": "klingon"}, "--encoding: unknown encoding 'klingon'"),
        ({"encoding": "utf-88"}, "did you mean 'utf-8'"),
        ({"encoding": "base64"}, "unknown encoding"),
        ({"delimiter": "ab"}, "--delimiter: 'ab' is no delimiter"),
        ({"delimiter": "tab"}, "in the shell"),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(tmp_path: Path, given: dict[str, str], told: str) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SpecError) as caught:
        reading_of(tmp_path / "d.csv", where="--data", **given)
    assert told in str(caught.value)


def test_hints_fit_a_command_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr("b.csv", "a,b\n1,2\n")
    (tmp_path / "d.db").write_bytes(b"SQLite format 3\0")
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    for name, told in (
        ("", "name its files"),
        ("two.zip", "unpack it"),
        ("d.db", "project file that asks it"),
        ("d.cvs", "did you mean 'd.csv'"),
    ):
        with pytest.raises(SeatrialError) as caught:
            reading_of(tmp_path / name, where="FILE")
        assert told in str(caught.value)
        assert str(caught.value).startswith("FILE: ")
