"""The texts that `seatrial predict` is given, checked as the service checks them, and shown on one line each.

Of many texts, one that cannot be answered costs its own place only. Refuses to know: what is answered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seatrial.errors import DataError
from seatrial.registry import did_you_mean
from seatrial.serve.usable import MAX_TEXT_CHARS, fault_of

__all__ = ["Unusable", "given_texts", "lines_of", "on_one_line", "texts_of_file"]

MAX_LINE_BYTES = 4 * MAX_TEXT_CHARS + 2
"""The longest usable text in UTF-8, with its line ending; more of a line is never held in memory."""
MAX_ROW_BYTES = 1_000_000
"""Of a data file, where other columns stand beside the text."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that would break a line or a table, or command the terminal."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A place in a file or on stdin that holds no text that could be answered, and why."""

    where: str
    reason: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def given_texts(texts: Sequence[str]) -> Iterator[str]:
    """The arguments as the shell gave them.

    Raises:
        DataError: one that is not UTF-8, is empty or is too long.
    """
    for place, given in enumerate(texts, 1):
        text = _decoded(os.fsencode(given), f"text {place}")
        if isinstance(text, Unusable):
            raise DataError(text.reason, where=text.where, hint=text.hint)
        yield text


def lines_of(stream: BinaryIO) -> Iterator[str | Unusable]:
    """One text per line, without its line ending; a line that is not UTF-8, is empty or is too long is `Unusable`."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = f"stdin:{number}"
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield Unusable(where, "is too long", f"send at most {MAX_TEXT_CHARS} characters in a text")
        else:
            yield _decoded(line.removesuffix(b"\n").removesuffix(b"\r"), where)


def texts_of_file(file: Path, column: str, *, encoding: str | None, delimiter: str | None) -> Iterator[str | Unusable]:
    """The texts of one column of a data file, in order; a row without a usable text is `Unusable`.

    Args:
        file: its ending tells its format.
        column: must be there in the first row.
        encoding: of the file; None is UTF-8.
        delimiter: of its columns; None is its format's own.

    Raises:
        SpecError: its ending does not tell its format.
        DataError: there is no such file, or it has no such column.
    """
    from seatrial.data.sources.base import BadRow
    from seatrial.data.sources.read import read_rows
    from seatrial.spec.data import Source

    source = Source(name=file.name, path=file.name, encoding=encoding or "utf-8", delimiter=delimiter)
    first = True
    for row in read_rows(source, root=file.resolve().parent, max_row_bytes=MAX_ROW_BYTES, where="--data"):
        if isinstance(row, BadRow):
            yield Unusable(row.where, row.reason, row.hint)
            continue
        where = f"{file.name}, row {row.provenance.row}"
        if first and column not in row.values:
            hint = did_you_mean(column, list(row.values)) or "name it with --column"
            raise DataError(f"there is no column {column!r}", where=where, hint=hint)
        first = False
        text = row.values.get(column)
        if isinstance(text, str):
            yield _checked(text, where)
        else:
            yield Unusable(where, "the text is missing" if text is None else "the text is no string")


def on_one_line(text: str) -> str:
    """The text with line breaks, tabs and other control characters as escapes such as ``\\n``."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _decoded(raw: bytes, where: str) -> str | Unusable:
    try:
        return _checked(raw.decode("utf-8"), where)
    except UnicodeDecodeError:
        return Unusable(where, "is not UTF-8", "convert it, for example with iconv -t UTF-8")


def _checked(text: str, where: str) -> str | Unusable:
    """Refuse what the service refuses."""
    fault = fault_of(text, MAX_TEXT_CHARS)
    return Unusable(where, *fault) if fault else text
