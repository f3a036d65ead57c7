"""CSV (RFC 4180 quoting) and TSV (no quoting), with or without a header line.

A malformed or never-closed quote costs the row it begins in: reading goes on at the next line.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.data.sources.base import MAX_COLUMNS, BadRecord, Record
from seatrial.data.sources.lines import text_lines
from seatrial.errors import DataError
from seatrial.spec.data import Place

__all__ = ["read_csv", "read_tsv"]

Lines = Iterator[tuple[int, str] | BadRecord]
Fields = tuple[int, list[str]]


def read_csv(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """Comma-separated records; a `Reader`."""
    return _records(stream, name, place, max_row_bytes, delimiter=",", quoting=True)


def read_tsv(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """Tab-separated records; a `Reader`."""
    return _records(stream, name, place, max_row_bytes, delimiter="\t", quoting=False)


def _records(
    stream: BinaryIO, name: str, place: Place, max_row_bytes: int, *, delimiter: str, quoting: bool
) -> Iterator[Record | BadRecord]:
    delimiter = place.delimiter or delimiter
    quoting = quoting if place.quoting is None else place.quoting
    lines = text_lines(stream, name, place.encoding, max_row_bytes)
    rows = _quoted(lines, delimiter, max_row_bytes) if quoting else _plain(lines, delimiter)
    header = list(place.header) if place.header else None
    for row in rows:
        if isinstance(row, BadRecord):
            if header is None:
                raise DataError(
                    f"the header line cannot be read: {row.reason}", where=f"{name}:{row.line}", hint=row.hint
                )
            yield row
            continue
        line, fields = row
        if header is None:
            header = _header(fields, f"{name}:{line}")
        elif len(fields) != len(header):
            reason = f"{len(fields)} fields where there are {len(header)} columns"
            yield BadRecord(line, reason, delimiter.join(fields)[:200], _field_hint(quoting))
        else:
            yield Record(line, dict(zip(header, fields, strict=True)))


def _field_hint(quoting: bool) -> str:
    return (
        "look for an unquoted delimiter in the row" if quoting else "set quoting: true if fields are in double quotes"
    )


def _header(fields: list[str], where: str) -> list[str]:
    header = [field.strip() for field in fields]
    if len(header) > MAX_COLUMNS:
        raise DataError(
            f"has {len(header):,} columns",
            where=where,
            expected=f"at most {MAX_COLUMNS:,}",
            hint="check the delimiter and that this line is a header; or save the columns that you need",
        )
    twice = [field for field, count in Counter(header).items() if count > 1]
    if twice:
        raise DataError(
            f"two columns are called {min(twice)!r}",
            where=where,
            hint="rename one of them, or name the columns in `header` if this line is not a header",
        )
    return header


def _plain(lines: Lines, delimiter: str) -> Iterator[Fields | BadRecord]:
    for line in lines:
        if isinstance(line, BadRecord):
            yield line
        elif line[1]:
            yield line[0], line[1].split(delimiter)


def _quoted(lines: Lines, delimiter: str, max_bytes: int) -> Iterator[Fields | BadRecord]:
    """Records whose fields may be quoted and may then hold delimiters, doubled quotes and line feeds."""
    if csv.field_size_limit() < max_bytes:  # one limit for the whole process, so it is only ever raised
        csv.field_size_limit(max_bytes)
    waiting: deque[tuple[int, str] | BadRecord] = deque()  # lines read for a record that turned out not to hold them
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if isinstance(line, BadRecord):
            yield line
            continue
        number, text = line
        if not text:
            continue
        if '"' not in text:  # most lines; splitting them is several times faster than the csv module
            yield number, text.split(delimiter)
            continue
        result, taken = _one_record(line, waiting, lines, delimiter, max_bytes)
        if isinstance(result, BadRecord):
            waiting.extendleft(reversed(taken))
        yield result


def _one_record(
    first: tuple[int, str], waiting: deque[tuple[int, str] | BadRecord], lines: Lines, delimiter: str, max_bytes: int
) -> tuple[Fields | BadRecord, list[tuple[int, str] | BadRecord]]:
    """The record that begins in line `first`, and the further lines it took."""
    number, text = first
    parts, size = [text], len(text)
    taken: list[tuple[int, str] | BadRecord] = []
    closes = True  # only a line with an odd number of quotes can close what is open
    while True:
        if closes:
            try:
                fields = next(csv.reader(["\n".join(parts)], delimiter=delimiter, strict=True))
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    return _bad_quote(first, "a double quote in the middle of a field"), taken
            else:
                return (number, fields), taken
        line = waiting.popleft() if waiting else next(lines, None)
        if line is not None:
            taken.append(line)
        if line is None or isinstance(line, BadRecord) or size + len(line[1]) > max_bytes:
            return _bad_quote(first, "a double quote that is never closed"), taken
        parts.append(line[1])
        size += len(line[1]) + 1
        closes = line[1].count('"') % 2 == 1


def _bad_quote(first: tuple[int, str], reason: str) -> BadRecord:
    return BadRecord(first[0], reason, first[1][:200], "double it inside a quoted field, or set quoting: false")
