"""What a data file seems to hold: its encoding and delimiter, which column is the text and which the label.

Refuses to know: the project file. Every guess is shown to the user, who knows better.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from seatrial.data.sources import ENDINGS
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError, SpecError
from seatrial.records import Row
from seatrial.registry import did_you_mean
from seatrial.spec.data import Source

__all__ = ["Guess", "look_at"]

SAMPLE_ROWS = 2000
MAX_ROW_BYTES = 1_000_000
DELIMITERS = (None, ";", "\t", "|", ",")
ENCODINGS = (None, "cp1252", "latin-1")
"""Tried in order; the last can read anything, so it is never chosen while another can."""
MAX_BAD_SHARE = 0.1
LABEL_NAMES = re.compile(
    "label|class|klasse|categor|kategor|sentiment|rating|stars|sterne|target|note|bewertung|score|polarit|emotion"
    "|topic|thema|intent|stimmung|urteil|etiquet|étiquet|valorac|calific",
    re.IGNORECASE,
)
"""How people call the column with the label, in a few languages."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was found. None and empty stand for "as usual".

    Attributes:
        columns: ``text`` and, if one was found, ``label`` → the file's column.
        slices: other columns with few different values, which may be slices, or the label after all.
        encoding: of the file, unless UTF-8.
        delimiter: of the file, unless its format's own.
        sample: a word that reads right only if the encoding is.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    slices: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sample: str = ""


def look_at(data: Path) -> Guess:
    """Read the first rows of a file.

    Raises:
        SpecError: it is not a file whose ending tells its format.
        DataError: it has no row that can be read.
    """
    _check_file(data)
    encoding, delimiter, rows = _readable(data)
    lengths: dict[str, float] = {}
    kinds: dict[str, int] = {}
    for column in rows[0]:
        values = [str(row[column]) for row in rows if row.get(column) is not None]
        lengths[column] = sum(map(len, values)) / max(1, len(values))
        kinds[column] = len(set(values))
    text = max(lengths, key=lambda column: lengths[column])
    few = [column for column in kinds if column != text and 1 < kinds[column] <= max(2, len(rows) // 2)]
    named = [column for column in few if LABEL_NAMES.search(column)]
    label = min(named or few, key=lambda column: kinds[column], default=None)
    words = (word for row in rows for word in str(row.get(text)).split() if encoding and not word.isascii())
    return Guess(
        {"text": text, **({"label": label} if label else {})},
        [column for column in few if column != label],
        encoding,
        delimiter,
        next(words, "")[:40],
    )


def _check_file(data: Path) -> None:
    folder = data if data.is_dir() else data.parent
    names = [file.name for file in sorted(folder.iterdir()) if _format_of(file)] if folder.is_dir() else []
    if not data.is_file():
        what = "is a folder" if data.is_dir() else "there is no such file"
        hint = did_you_mean(data.name, names[:20]) or "name a CSV, TSV, JSONL or Parquet file"
        raise SpecError(f"{what}: {data}", where="--data", hint=hint)
    if not _format_of(data):
        raise SpecError(
            f"the ending of {data.name} does not tell its format",
            where="--data",
            expected="one of " + ", ".join(ENDINGS),
            hint="save it as CSV, or leave --data out and set format in the project file",
        )


def _format_of(file: PurePath) -> str | None:
    return ENDINGS.get(PurePath(file.name.lower().removesuffix(".gz")).suffix)


def _readable(data: Path) -> tuple[str | None, str | None, Sequence[Mapping[str, Any]]]:
    """The encoding and the delimiter under which nearly all rows can be read, and those rows."""
    with data.open("rb") as file:
        wide = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encodings = ("utf-16",) if wide else ENCODINGS
    for encoding in encodings:
        rows, bad = _sample(data, encoding, None)
        if not any(row.reason.startswith("not ") for row in bad):
            break
    for delimiter in DELIMITERS:
        try:
            rows, bad = _sample(data, encoding, delimiter)
        except DataError:
            if delimiter is None:
                raise
            continue
        if rows and len(rows[0]) > 1 and len(bad) <= MAX_BAD_SHARE * (len(rows) + len(bad)):
            return encoding, delimiter, rows
    rows, bad = _sample(data, encoding, None)  # one column, such as plain text, or one row in ten is bad
    if rows:
        return encoding, None, rows
    first = bad[0] if bad else None
    raise DataError(
        f"has no row that can be read{f': {first.reason}' if first else ''}",
        where=first.where if first else str(data),
        hint=first.hint if first and first.hint else "give a file with a header line and at least one row",
    )


def _sample(data: Path, encoding: str | None, delimiter: str | None) -> tuple[list[Mapping[str, Any]], list[BadRow]]:
    source = Source(name="data", path=data.name, encoding=encoding or "utf-8", delimiter=delimiter)
    read = read_rows(source, root=data.resolve().parent, max_row_bytes=MAX_ROW_BYTES, where="--data")
    found = list(islice(read, SAMPLE_ROWS))
    rows = [row.values for row in found if isinstance(row, Row)]
    return rows, [row for row in found if isinstance(row, BadRow)]
