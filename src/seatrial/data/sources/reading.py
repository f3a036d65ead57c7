"""How a file seems to be written: its encoding and its delimiter, found by reading its first rows.

Refuses to know: which column plays which part, and whom to tell. What is found is a guess; the user knows better.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from seatrial.data.sources import BINARY, ENDINGS, FORMATS
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.encodings import AUTO, guess_encoding
from seatrial.data.sources.files import OTHER_ENDINGS, format_of, source_files
from seatrial.data.sources.read import read_rows
from seatrial.data.sources.unpack import UNREADABLE, bare_name
from seatrial.errors import DataError, SpecError
from seatrial.records import Row
from seatrial.registry import did_you_mean
from seatrial.spec.data import Source

__all__ = ["Reading", "reading_of"]

SAMPLE_ROWS = 2000
MAX_ROW_BYTES = 1_000_000
DELIMITERS = (None, ";", "\t", "|", ",")
MAX_BAD_SHARE = 0.1
ALWAYS_UTF8 = {"jsonl", "html"}
"""JSON is UTF-8 by its standard, and a page says itself what it is in; a byte order mark counts all the same."""
USUAL_ENCODINGS = ["utf-8", "utf-16", "gb18030", "gbk", "big5", "cp1250", "cp1251", "cp1252", "cp932", "cp949",
                   "euc_jp", "koi8_r", "latin-1", "shift_jis"]  # fmt: skip
IN_A_PROJECT = {
    **dict.fromkeys(
        (".db", ".sqlite", ".sqlite3", ".duckdb"), "write a project file that asks it: `database` and `sql`"
    ),
    ".json": "if each line is one JSON object, let its name end in .jsonl, or add --format jsonl to `seatrial data`",
}
"""What to do with files that a project file could name, where there is only a command line."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found or given. None stands for "as usual".

    Attributes:
        encoding: of the file, unless UTF-8.
        delimiter: of the file, unless its format's own.
        rows: the first rows, read so; at least one.
        file_format: by name.
    """

    encoding: str | None
    delimiter: str | None
    rows: Sequence[Mapping[str, Any]]
    file_format: str

    def sample(self, column: str | None = None) -> str:
        """A word of a column, or of any, that reads right only if the encoding is; empty for UTF-8 and ASCII."""
        cells = (cell for row in self.rows for cell in ([row.get(column)] if column else [*row.values(), *row]))
        words = (word for cell in cells for word in str(cell).split() if self.encoding)
        return next((word for word in words if not word.isascii()), "")[:40]


def reading_of(
    file: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    file_format: str | None = None,
    where: str,
) -> Reading:
    """The encoding and the delimiter under which nearly all of the first rows can be read, and those rows.

    Args:
        file: what is read.
        encoding: known already; None or ``"auto"`` to find it.
        delimiter: known already; None to find it.
        file_format: known already; None where the ending tells it.
        where: what the caller calls the file, for messages.

    Raises:
        SpecError: the ending tells no format, or there is no such format, encoding or delimiter.
        DataError: there is no such file, or it has no row that can be read.
    """
    _check(encoding, delimiter)
    if file_format is not None:
        FORMATS.get(file_format, where="--format")
    form = _checked_format(file, file_format, where)
    found = _encoding(file, form, where) if encoding in (None, AUTO) else encoding
    for mark in (delimiter,) if delimiter else DELIMITERS:
        try:
            rows, bad = _sample(file, found, mark, form, where)
        except DataError:
            if mark is delimiter:
                raise
            continue
        torn = sum(row.reason != f"not {found or 'utf-8'}" for row in bad)  # those no delimiter could help
        if rows and len(rows[0]) > 1 and torn <= MAX_BAD_SHARE * (len(rows) + torn):
            return Reading(found, mark, rows, form)
    rows, bad = _sample(file, found, delimiter, form, where)  # one column, such as plain text, or one row in ten is bad
    if rows:
        return Reading(found, delimiter, rows, form)
    first = bad[0] if bad else None
    raise DataError(
        f"has no row that can be read{f': {first.reason}' if first else ''}",
        where=first.where if first else str(file),
        hint=first.hint if first and first.hint else "give a file with a header line and at least one row",
    )


def _check(encoding: str | None, delimiter: str | None) -> None:
    """Refuse what cannot be meant, by the names of the options."""
    try:
        if encoding not in (None, AUTO):
            "a".encode(codecs.lookup(encoding).name)  # refuses codecs that are not for text, such as base64
    except (LookupError, ValueError) as error:
        raise SpecError(
            f"unknown encoding {encoding!r}",
            where="--encoding",
            expected="such as utf-8, cp1252 (Western), cp1251 (Cyrillic) or gb18030 (Chinese)",
            hint=did_you_mean(str(encoding), USUAL_ENCODINGS),
        ) from error
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        tab = delimiter.lower() in ("\\t", "tab")
        raise SpecError(
            f"{delimiter!r} is no delimiter",
            where="--delimiter",
            expected="one character, such as , ; or |",
            hint="for a tab, write $'\\t' in the shell" if tab else "leave it out to have it found",
        )


def _checked_format(file: Path, file_format: str | None, where: str) -> str:
    """The format of the file; what is no file of rows is refused in words that fit a command line."""
    if file.is_dir():
        raise DataError(
            f"{file} is a folder",
            where=where,
            expected="a file",
            hint=f"name its files, such as {file}/*.csv; a project file can read a folder of documents",
        )
    if not file.exists() and not has_magic(file.name):
        around = [path.name for path in file.parent.iterdir() if path.is_file()] if file.parent.is_dir() else []
        hint = did_you_mean(file.name, around[:20]) or "check its name and folder"
        raise DataError(f"there is no file {file}", where=where, hint=hint)
    source = _source(file, None, None, file_format)
    try:
        found = next(source_files(source, file.resolve().parent, where))
    except DataError as error:
        if file.suffix.lower() != ".zip":
            raise
        hint = "unpack it and name its files; a project file can name one of them as `member`"
        raise DataError(error.message, where=where, expected=error.expected, hint=hint) from error
    try:
        return format_of(source, found.name, where)
    except SpecError as error:
        ending = PurePosixPath(bare_name(found.name)).suffix
        hint = (
            IN_A_PROJECT.get(ending)
            or OTHER_ENDINGS.get(ending)
            or "rename it, or name its format: --format with `seatrial data`, `format` in a project file"
        )
        known = ", ".join(sorted(ENDINGS))
        raise SpecError(error.message, where=where, expected=f"a name that ends in {known}", hint=hint) from error


def _encoding(file: Path, form: str, where: str) -> str | None:
    """The encoding that the first bytes seem to be in; None for UTF-8, and where there is none."""
    if form in BINARY:
        return None
    try:
        found = next(source_files(_source(file, None, None, form), file.resolve().parent, where))
        with found.open() as stream:
            guess = guess_encoding(stream)
    except UNREADABLE as error:
        raise DataError(f"cannot be read: {error}", where=str(file), hint="check the file and its rights") from error
    if guess.encoding == "utf-8" or (form in ALWAYS_UTF8 and not guess.sure):
        return None
    return guess.encoding


def _sample(
    file: Path, encoding: str | None, delimiter: str | None, form: str, where: str
) -> tuple[list[Mapping[str, Any]], list[BadRow]]:
    source = _source(file, encoding, delimiter, form)
    read = read_rows(source, root=file.resolve().parent, max_row_bytes=MAX_ROW_BYTES, where=where)
    found = list(islice(read, SAMPLE_ROWS))
    rows = [row.values for row in found if isinstance(row, Row)]
    return rows, [row for row in found if isinstance(row, BadRow)]


def _source(file: Path, encoding: str | None, delimiter: str | None, form: str | None) -> Source:
    return Source(name=file.name, path=file.name, encoding=encoding or "utf-8", delimiter=delimiter, format=form)
