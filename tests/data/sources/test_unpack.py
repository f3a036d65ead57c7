"""Packed files: each kind is read, and damage, bombs and names that lead outside are refused by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from seatrial.data.sources import unpack
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError, SpecError
from seatrial.records import Row
from seatrial.spec.data import Source

ROWS = b"text,label\n" + b"".join(b"comment number %d,good\n" % number for number in range(2000))


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


PACK: dict[str, Any] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
    ".zip": lambda content: zipped({"inner.csv": content}),
}


def rows_of(root: Path, name: str, content: bytes, **more: Any) -> list[Row | BadRow]:
    (root / name).write_bytes(content)
    source = Source.model_validate({"name": "s", "path": name, **more})
    return list(read_rows(source, root=root, max_row_bytes=1000, where="data.sources.0"))


@pytest.mark.parametrize("ending", PACK)
def test_every_kind_is_read_while_it_is_unpacked(tmp_path: Path, ending: str) -> None:
    rows = rows_of(tmp_path, f"a.csv{ending}", PACK[ending](ROWS))
    assert len(rows) == 2000
    assert isinstance(rows[-1], Row)
    assert rows[-1].values == {"text": "comment number 1999", "label": "good"}


@pytest.mark.parametrize("ending", PACK)
def test_a_file_that_was_cut_is_no_shorter_file(tmp_path: Path, ending: str) -> None:
    packed = PACK[ending](ROWS)
    with pytest.raises(DataError, match=r"a\.csv"):
        rows_of(tmp_path, f"a.csv{ending}", packed[: len(packed) - len(packed) // 3])


@pytest.mark.parametrize("ending", PACK)
def test_a_file_that_is_something_else(tmp_path: Path, ending: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv"):
        rows_of(tmp_path, f"a.csv{ending}", ROWS)


@pytest.mark.parametrize("ending", PACK)
def test_a_bomb_stops_at_a_bound(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "FREE_BYTES", 1 << 12)
    monkeypatch.setattr(unpack, "MAX_RATIO", 20)
    bomb = PACK[ending](b"text\n" + b"a\n" * (1 << 16))
    with pytest.raises(DataError, match="unpacks to more than"):
        rows_of(tmp_path, f"a.csv{ending}", bomb)


def test_what_packs_well_and_is_small_is_no_bomb(tmp_path: Path) -> None:
    rows = b"text\n" + b"the same\n" * 5000
    packed = gzip.compress(rows)
    assert len(rows) > unpack.MAX_RATIO * len(packed)
    assert len(rows_of(tmp_path, "a.csv.gz", packed)) == 5000


def test_the_file_in_a_zip_archive_tells_the_format_and_the_place(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "a.zip", zipped({"set/a.jsonl": b'{"text": "x"}\nbad\n', "__MACOSX/a": b"", "set/": b""}))
    assert isinstance(rows[1], BadRow)
    assert rows[1].where == "a.zip/set/a.jsonl:2"


def test_a_zip_archive_with_several_files(tmp_path: Path) -> None:
    both = zipped({"a.csv": b"text\nfrom a\n", "b.csv": b"text\nfrom b\n"})
    with pytest.raises(DataError, match=r"holds 2 files: a\.csv, b\.csv") as caught:
        rows_of(tmp_path, "all.zip", both)
    assert "member" in str(caught.value.hint)
    (row,) = rows_of(tmp_path, "all.zip", both, member=["b.csv"])
    assert isinstance(row, Row)
    assert row.values == {"text": "from b"}
    with pytest.raises(DataError, match=r"holds no file 'c\.csv'") as caught:
        rows_of(tmp_path, "all.zip", both, member=["c.csv"])
    assert caught.value.where == "data.sources.0.member"
    with pytest.raises(DataError, match="holds 0 files"):
        rows_of(tmp_path, "none.zip", zipped({}))


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "C:\\evil.csv", "a/../../evil.csv"]
)
def test_names_that_lead_outside_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="leads outside") as caught:
        rows_of(tmp_path, "a.zip", zipped({"a.csv": b"text\nx\n", name: b"text\nx\n"}))
    assert "evil" in caught.value.message
    assert [path.name for path in tmp_path.rglob("*")] == ["a.zip"]


def test_an_encrypted_archive(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": b"text\nx\n"}))
    content[6] |= 1  # the flag in the file's own header, then the one in the directory at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DataError, match="is encrypted"):
        rows_of(tmp_path, "a.zip", bytes(content))


def test_a_link_in_an_archive_is_no_file(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="holds 0 files"):
        rows_of(tmp_path, "a.zip", buffer.getvalue())


def test_member_is_for_archives(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is for archives"):
        rows_of(tmp_path, "a.csv", ROWS, member=["a.csv"])
