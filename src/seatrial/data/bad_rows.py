"""Bad rows of a project's sources: how many are allowed, and what is told when there are more, or a column is wrong.

Refuses to know: what the columns are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError
from seatrial.registry import did_you_mean
from seatrial.spec.data import Source

__all__ = ["BadRowGuard", "missing_column"]

BAD_ROWS_NAMED = 3
MIN_BAD_ROWS = 10
MAX_BAD_SHARE = 0.1


class BadRowGuard:
    """Counts rows and stops when too many are bad, naming the first few; with `quotes`, with the start of the first."""

    def __init__(self, allowed: int, *, quotes: bool) -> None:
        self._allowed = allowed
        self._quotes = quotes
        self._all: list[BadRow] = []
        self._counts: dict[str, Any] = {}

    def begin(self, source: str) -> None:
        """Count the rows of this source from now on."""
        self._counts = {"source": source, "rows": 0, "bad_rows": 0}

    def good(self) -> None:
        """One more that can be read."""
        self._counts["rows"] += 1

    def bad(self, row: BadRow) -> None:
        """One more that cannot. Raises DataError when there are too many."""
        self._counts["rows"] += 1
        self._counts["bad_rows"] += 1
        self._all.append(row)
        if len(self._all) > self._allowed:
            raise self._error(f"more than {self._allowed} rows", self._all)

    def end(self) -> dict[str, Any]:
        """The counts {source, rows, bad_rows}. Raises DataError when too many of the source are bad."""
        rows, bad_rows = self._counts["rows"], self._counts["bad_rows"]
        if bad_rows and (bad_rows == rows or (bad_rows >= MIN_BAD_ROWS and bad_rows > MAX_BAD_SHARE * rows)):
            raise self._error(f"{bad_rows} of {rows} rows of {self._counts['source']}", self._all[-bad_rows:])
        return self._counts

    def _error(self, how_many: str, rows: Sequence[BadRow]) -> DataError:
        first, others = rows[0], rows[1:BAD_ROWS_NAMED]
        quoted = f" ({first.text[:80]})" if self._quotes else ""  # nothing has redacted it
        also = "".join(f"; then {row.where}: {row.reason}" for row in others)
        return DataError(
            f"{first.reason}{quoted}{also}; {how_many} cannot be read",
            where=first.where,
            expected=f"at most {MAX_BAD_SHARE:.0%} of a source, and no more than data.max_bad_rows",
            hint=next((row.hint for row in rows if row.hint), "correct them, or raise data.max_bad_rows"),
        )


def missing_column(missing: str, source: Source, columns: list[str], where: str) -> DataError:
    """What is told where the first row of a source lacks a column: most often it was named or read wrongly."""
    glued = next((mark for mark in (";", "\t", ",", "|") if len(columns) == 1 and mark in columns[0]), None)
    if glued:
        hint: str | None = f"the columns seem to be separated by {glued!r}: set {where}.delimiter"
    elif (source.path or source.package) and source.header is None and not any(name.isidentifier() for name in columns):
        hint = f"if the file has no header line, name its columns in {where}.header"
    else:
        hint = did_you_mean(missing, columns)
    return DataError(
        f"the source {source.name} has no column {missing!r}",
        where="data",
        expected="one of its columns: " + ", ".join(map(repr, columns[:50])),
        hint=f"{hint} (data.columns says which column plays which part)",
    )
