"""Bytes to lines: bounded memory, encodings, byte order marks."""

from __future__ import annotations

import codecs
import io
import tracemalloc

import pytest

from seatrial.data.sources.base import BadRecord
from seatrial.data.sources.lines import text_lines
from seatrial.errors import DataError, SpecError


def lines(content: bytes, encoding: str = "utf-8", max_bytes: int = 100) -> list[tuple[int, str] | BadRecord]:
    return list(text_lines(io.BytesIO(content), "f.txt", encoding, max_bytes))


def test_line_endings_and_a_missing_last_one() -> None:
    assert lines(b"a\r\nb\n\nc") == [(1, "a"), (2, "b"), (3, ""), (4, "c")]


def test_carriage_returns_alone_are_refused() -> None:
    with pytest.raises(DataError, match="carriage returns only"):
        lines(b"a,b\r1,2\r")


def test_only_line_feeds_end_a_line() -> None:
    assert lines("a\u2028b\x0bc\x85d".encode()) == [(1, "a\u2028b\x0bc\x85d")]


def test_byte_order_mark_is_removed() -> None:
    assert lines(codecs.BOM_UTF8 + b"a\nb") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings(encoding: str) -> None:
    assert lines("é 中\nb\n".encode(encoding), encoding) == [(1, "é 中"), (2, "b")]


def test_cut_utf16_names_the_file() -> None:
    with pytest.raises(DataError, match=r"f\.txt: is not utf-16"):
        lines("ab".encode("utf-16")[:-1], "utf-16")


def test_latin1_bytes_are_named_with_their_offset_and_the_cure() -> None:
    first, second, third = lines(codecs.BOM_UTF8 + b"ok\n" + "a café\n".encode("latin-1") + b"on\n")
    assert (first, third) == ((1, "ok"), (3, "on"))
    assert isinstance(second, BadRecord)
    assert (second.line, second.reason) == (2, "not utf-8")
    assert second.text.startswith("byte 0xe9 at offset 11:")
    assert "such as cp1252 (Western) or gb18030 (Chinese)" in str(second.hint)
    assert lines("a café".encode("latin-1"), "latin-1") == [(1, "a café")]


@pytest.mark.parametrize("encoding", ["utf-9", "base64", ""])
def test_unknown_encoding(encoding: str) -> None:
    with pytest.raises(SpecError, match="unknown encoding"):
        lines(b"a", encoding)


@pytest.mark.parametrize(
    ("start", "hint"), [(b"PK\x03\x04...", "CSV"), (b"PAR1", "parquet"), (b"\xff\xfea\x00", "utf-16")]
)
def test_other_kinds_of_files_are_told_apart(start: bytes, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        lines(start)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
def test_the_bound_is_exact_and_does_not_count_the_ending(ending: bytes) -> None:
    assert lines(b"x" * 100 + ending) == [(1, "x" * 100)]
    (bad,) = lines(b"x" * 101 + ending)
    assert isinstance(bad, BadRecord)
    assert bad.reason == "longer than 100 bytes"


class Endless(io.RawIOBase):
    """A line of `size` bytes that is made while it is read, then a short one."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.end = b"\nshort\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = b"x" * min(len(buffer), self.left) if self.left else self.end[: len(buffer)]
        if self.left:
            self.left -= len(piece)
        else:
            self.end = self.end[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_line_of_200_mb_is_skipped_without_being_held() -> None:
    tracemalloc.start()
    try:
        found = list(text_lines(io.BufferedReader(Endless(200_000_000), 1 << 20), "f", "utf-8", 1000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found[0], BadRecord)
    assert found[1:] == [(2, "short")]
    assert peak < 8_000_000
