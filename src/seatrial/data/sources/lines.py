"""Bytes → lines of text, with bounded memory, byte order marks removed, and each undecodable line named.

Lines end at line feeds only: U+2028 and its like are characters of a text, not the end of a row.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.data.sources.base import BadRecord
from seatrial.errors import DataError, SpecError

__all__ = ["text_lines"]

SHOWN_BYTES = 200
SKIP_BYTES = 1 << 16
FOREIGN_STARTS = {
    b"PK\x03\x04": ("a zip file or an Excel workbook", "save the sheet as CSV, or let the archive's name end in .zip"),
    b"PAR1": ("a Parquet file", "set format: parquet"),
    b"\x1f\x8b": ("a gzip file", "let its name end in .gz"),
    b"BZh": ("a bzip2 file", "let its name end in .bz2"),
    b"\xfd7zXZ\0": ("an xz file", "let its name end in .xz"),
    b"\x28\xb5\x2f\xfd": ("a Zstandard file", "let its name end in .zst"),
    b"%PDF-": ("a PDF file", "set format: pdf"),
    b"SQLite format 3\0": ("a SQLite database", "ask it with `database` and `sql` instead of `path`"),
}


def text_lines(stream: BinaryIO, name: str, encoding: str, max_bytes: int) -> Iterator[tuple[int, str] | BadRecord]:
    """Lines with their 1-based numbers, without the line ending.

    Args:
        stream: bytes; need not be seekable.
        name: the file's name for messages.
        encoding: a Python text encoding.
        max_bytes: a longer line is a `BadRecord`; its rest is skipped piece by piece.

    Raises:
        SpecError: no such encoding.
        DataError: the file is of another kind, or begins with the byte order mark of another encoding.
    """
    if _is_wide(encoding, name):  # a line feed is more than one byte there, so decode before looking for lines
        stream, encoding = io.BufferedReader(_Recoded(stream, name, encoding)), "utf-8"
    number = offset = 0
    while line := stream.readline(max_bytes + 2):  # room for the line ending
        number += 1
        size = len(line)
        if number == 1:
            _refuse_foreign(line, name)
            if b"\r" in line[:-1] and not line.endswith(b"\n"):
                raise DataError(
                    "its lines end in carriage returns only", where=name, hint="save it with line feeds at line ends"
                )
            line = line.removeprefix(codecs.BOM_UTF8)
        content = line.removesuffix(b"\n").removesuffix(b"\r")
        if len(content) > max_bytes:
            if not line.endswith(b"\n"):
                size += _skip_line(stream)
            shown = content[:SHOWN_BYTES].decode(encoding, errors="replace")
            yield BadRecord(number, f"longer than {max_bytes:,} bytes", shown, "raise data.max_row_bytes")
        elif b"\0" in content:  # such bytes are what a crash, a wrong kind of file or UTF-16 leaves
            shown = content[:SHOWN_BYTES].decode(encoding, errors="replace").replace("\0", "\\0")
            yield BadRecord(number, "holds NUL bytes", shown, "if the whole file is UTF-16, set encoding: utf-16")
        else:
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError as error:
                byte = content[error.start]
                at = offset + size - len(line) + error.start
                utf8 = encoding.lower().replace("-", "").startswith("utf8")
                other = "encoding to that, such as cp1252 (Western) or gb18030 (Chinese)" if utf8 else "encoding: utf-8"
                shown = f"byte 0x{byte:02x} at offset {at}: " + content[:SHOWN_BYTES].decode(encoding, errors="replace")
                yield BadRecord(
                    number, f"not {encoding}", shown, f"if the whole file is in another encoding, set {other}"
                )
            else:
                yield number, text
        offset += size


def _skip_line(stream: BinaryIO) -> int:
    """Read on to the end of the line without keeping it; how many bytes that were."""
    skipped = 0
    while piece := stream.readline(SKIP_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _is_wide(encoding: str, name: str) -> bool:
    try:
        codec = codecs.lookup(encoding).name
        "a".encode(encoding)  # refuses codecs that are not for text, such as base64
    except LookupError as error:
        raise SpecError(
            f"unknown encoding {encoding!r}", where=name, expected="a text encoding such as utf-8, cp1252 or gb18030"
        ) from error
    return codec.startswith(("utf-16", "utf-32"))


def _refuse_foreign(line: bytes, name: str) -> None:
    for start, (kind, hint) in FOREIGN_STARTS.items():
        if line.startswith(start):
            raise DataError(f"is {kind}, not lines of text", where=name, hint=hint)
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError("begins with the byte order mark of UTF-16", where=name, hint="set encoding: utf-16")


class _Recoded(io.RawIOBase):
    """UTF-16 or UTF-32 bytes as UTF-8 bytes, piece by piece."""

    def __init__(self, stream: BinaryIO, name: str, encoding: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding = encoding
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            piece = self._stream.read(SKIP_BYTES)
            try:
                self._ready = self._decoder.decode(piece, final=not piece).encode()
            except UnicodeError as error:  # without a known width there is no next line to go on at
                raise DataError(f"is not {self._encoding}: {error}", where=self._name) from error
            if not piece:
                break
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
