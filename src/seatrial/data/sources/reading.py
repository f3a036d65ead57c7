"""How a file seems to be written: its encoding and its delimiter, found by reading its first rows.

Refuses to know: which column plays which part, and whom to tell. What is found is a guess; the user knows better.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.encodings import is_usual_chinese
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError
from seatrial.records import Row
from seatrial.spec.data import Source

__all__ = ["Reading", "reading_of"]

SAMPLE_ROWS = 2000
MAX_ROW_BYTES = 1_000_000
DELIMITERS = (None, ";", "\t", "|", ",")
ENCODINGS = (None, "gb18030", "cp1252", "latin-1")
"""Tried in order; the last can read anything, so it is never chosen while another can."""
MAX_BAD_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found or given. None stands for "as usual".

    Attributes:
        encoding: of the file, unless UTF-8.
        delimiter: of the file, unless its format's own.
        rows: the first rows, read so; at least one.
    """

    encoding: str | None
    delimiter: str | None
    rows: Sequence[Mapping[str, Any]]

    def sample(self, column: str) -> str:
        """A word of a column that reads right only if the encoding is; empty where it is UTF-8 or all is ASCII."""
        words = (word for row in self.rows for word in str(row.get(column)).split() if self.encoding)
        return next((word for word in words if not word.isascii()), "")[:40]


def reading_of(file: Path, *, encoding: str | None = None, delimiter: str | None = None, where: str) -> Reading:
    """The encoding and the delimiter under which nearly all of the first rows can be read, and those rows.

    Args:
        file: its ending tells its format.
        encoding: known already; None to find it.
        delimiter: the same.
        where: what the caller calls the file, for messages.

    Raises:
        SpecError: the ending tells no format, or there is no such encoding.
        DataError: there is no such file, or it has no row that can be read.
    """
    found = encoding or _encoding(file, delimiter, where)
    for mark in (delimiter,) if delimiter else DELIMITERS:
        try:
            rows, bad = _sample(file, found, mark, where)
        except DataError:
            if mark is delimiter:
                raise
            continue
        if rows and len(rows[0]) > 1 and len(bad) <= MAX_BAD_SHARE * (len(rows) + len(bad)):
            return Reading(found, mark, rows)
    rows, bad = _sample(file, found, delimiter, where)  # one column, such as plain text, or one row in ten is bad
    if rows:
        return Reading(found, delimiter, rows)
    first = bad[0] if bad else None
    raise DataError(
        f"has no row that can be read{f': {first.reason}' if first else ''}",
        where=first.where if first else str(file),
        hint=first.hint if first and first.hint else "give a file with a header line and at least one row",
    )


def _encoding(file: Path, delimiter: str | None, where: str) -> str | None:
    """The first encoding in which every one of the first rows can be read."""
    if _begins_wide(file):
        return "utf-16"
    for encoding in ENCODINGS:
        try:
            rows, bad = _sample(file, encoding, delimiter, where)
        except DataError:  # the header line, perhaps; what is wrong in every encoding is raised by the last
            if encoding is ENCODINGS[-1]:
                raise
            continue
        if not any(row.reason.startswith("not ") for row in bad) and (encoding != "gb18030" or _is_chinese(rows)):
            return encoding
    return ENCODINGS[-1]


def _begins_wide(file: Path) -> bool:
    if not file.is_file():
        return False  # reading it says so
    with file.open("rb") as stream:
        return stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _is_chinese(rows: Sequence[Mapping[str, Any]]) -> bool:
    return is_usual_chinese("".join(str(word) for row in rows for word in (*row, *row.values())))


def _sample(
    file: Path, encoding: str | None, delimiter: str | None, where: str
) -> tuple[list[Mapping[str, Any]], list[BadRow]]:
    source = Source(name=file.name, path=file.name, encoding=encoding or "utf-8", delimiter=delimiter)
    read = read_rows(source, root=file.resolve().parent, max_row_bytes=MAX_ROW_BYTES, where=where)
    found = list(islice(read, SAMPLE_ROWS))
    rows = [row.values for row in found if isinstance(row, Row)]
    return rows, [row for row in found if isinstance(row, BadRow)]
