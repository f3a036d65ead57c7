"""Where files lie, what their endings mean, what their contents are known by."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.sources.files import place_digest, reader_of, source_files
from seatrial.errors import DataError, SpecError
from seatrial.spec.data import Place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "a project [draft]"  # brackets in the folder's name are no pattern
    (root / "raw").mkdir(parents=True)
    for name in ("b.csv", "a.csv"):
        (root / "raw" / name).write_text(name)
    return root


def names(root: Path, **place: Any) -> list[str]:
    return [file.name for file in source_files(Place(**place), root, "data.sources.0")]


def test_a_file_and_a_glob_in_the_order_of_names(root: Path) -> None:
    assert names(root, path="raw/b.csv") == ["raw/b.csv"]
    assert names(root, path="raw/*.csv") == ["raw/a.csv", "raw/b.csv"]
    assert names(root, path="**/*.csv") == ["raw/a.csv", "raw/b.csv"]
    assert names(root, path=str(root / "raw" / "a.csv")) == [str(root / "raw" / "a.csv")]


def test_each_file_of_a_glob_opens_itself(root: Path) -> None:
    contents = []
    for file in list(source_files(Place(path="raw/*.csv"), root, "w")):
        with file.open() as stream:
            contents.append(stream.read())
    assert contents == [b"a.csv", b"b.csv"]


def test_gzip_is_unpacked(root: Path) -> None:
    (root / "c.csv.gz").write_bytes(gzip.compress(b"packed"))
    (file,) = source_files(Place(path="c.csv.gz"), root, "w")
    with file.open() as stream:
        assert stream.read() == b"packed"


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("raw/aa.csv", "there is no file", "did you mean 'a.csv'?"),
        ("nowhere/a.csv", "there is no file", "relative to the project file"),
        ("raw", "is a folder", "raw/*.csv"),
        ("raw/*.tsv", "no file matches", ""),
    ],
)
def test_nothing_there(root: Path, path: str, message: str, hint: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        names(root, path=path)
    assert caught.value.where == "data.sources.0.path"
    assert hint in str(caught.value.hint)


def test_a_pinned_file_must_not_change(root: Path) -> None:
    pin = hashlib.sha256(b"a.csv").hexdigest()
    assert names(root, path="raw/a.csv", sha256=pin) == ["raw/a.csv"]
    with pytest.raises(DataError, match=r"b\.csv has SHA-256"):
        names(root, path="raw/b.csv", sha256=pin)


def test_digests_follow_the_contents_and_the_files_of_a_glob(root: Path) -> None:
    one = Place(path="raw/a.csv")
    assert place_digest(one, root, "w") == hashlib.sha256(b"a.csv").hexdigest()
    both = Place(path="raw/*.csv")
    before = place_digest(both, root, "w")
    (root / "raw" / "c.csv").write_text("c")
    after = place_digest(both, root, "w")
    assert before != after
    (root / "raw" / "c.csv").write_text("changed")
    assert place_digest(both, root, "w") != after


def test_the_format_is_named_or_guessed_from_the_ending() -> None:
    csv = reader_of(Place(path="x", format="csv"), "x.txt", "w")
    assert reader_of(Place(path="x"), "X.CSV.gz", "w") is csv
    with pytest.raises(SpecError, match="unknown data format 'cvs'") as caught:
        reader_of(Place(path="x", format="cvs"), "x", "data.sources.0")
    assert caught.value.where == "data.sources.0.format"
    with pytest.raises(SpecError, match="does not tell its format") as caught:
        reader_of(Place(path="x"), "sheet.xlsx", "w")
    assert caught.value.hint == "save it as CSV and name that file"


def test_a_file_that_may_not_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("seatrial.data.sources.files.file_digest", refuse)
    for place in (Place(path="raw/a.csv"), Place(path="raw/a.csv", sha256="0" * 64)):
        with pytest.raises(DataError, match="Permission denied") as caught:
            list(source_files(place, root, "w")) if place.sha256 else place_digest(place, root, "w")
        assert caught.value.where == str(root / "raw" / "a.csv")
        assert "right to read" in str(caught.value.hint)


def test_a_folder_that_may_not_be_looked_into_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        place_digest(Place(path="raw/a.csv"), root, "w")


def test_what_is_being_written_is_neither_read_nor_offered(root: Path) -> None:
    (root / "raw" / ".aa.csv.0123abcd.tmp").write_text("text\n")
    assert names(root, path="raw/*", format="csv") == ["raw/a.csv", "raw/b.csv"]
    with pytest.raises(DataError) as caught:
        names(root, path="raw/aa.csv.0123abcd.tmp")
    assert ".aa.csv" not in str(caught.value.hint)
