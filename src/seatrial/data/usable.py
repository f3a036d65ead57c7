"""Rows that can be used, the same for every verb: a row that lacks a column, or has no text where one belongs, is bad.

Too many bad rows stop the work, since then the file is probably not what it was taken for. Refuses to know: what
becomes of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from seatrial.data.cells import holds_no_text, no_text_in
from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError
from seatrial.records import Row

__all__ = ["BadRows", "incomplete", "readable_rows", "usable_rows"]

SHOWN_CHARS = 200


class BadRows:
    """Counts bad rows, and stops at too many.

    Args:
        allowed: one more stops the work.
        heard: told of each.
        hint: what to do, where the row itself has no better one.

    Attributes:
        count: so far.
    """

    def __init__(
        self,
        allowed: int,
        heard: Callable[[BadRow], None] | None = None,
        *,
        hint: str = "correct them, or allow more with --max-bad-rows",
    ) -> None:
        self._allowed, self._heard, self._hint = allowed, heard, hint
        self.count = 0

    def add(self, row: BadRow) -> None:
        """One more.

        Raises:
            DataError: now there are too many.
        """
        self.count += 1
        if self._heard is not None:
            self._heard(row)
        if self.count > self._allowed:
            raise DataError(
                f"{row.reason}; more than {self._allowed} rows cannot be read",
                where=row.where,
                hint=row.hint or self._hint,
            )


def incomplete(row: Row, columns: Sequence[str], *, texts: Sequence[str] = ()) -> BadRow | None:
    """The row as a bad one, where it lacks a column or a text column holds something else; None where it is whole.

    Args:
        row: as it was read.
        columns: that it must have.
        texts: columns that must hold texts, numbers or nothing; the row must have these too.
    """
    values = row.values
    reason = next((f"no column {name!r}" for name in (*texts, *columns) if name not in values), None)
    reason = reason or next((no_text_in(name) for name in texts if holds_no_text(values[name])), None)
    if reason is None:
        return None
    place = f"row {row.provenance.row} of {row.provenance.source}"
    return BadRow(row.provenance, place, reason, str(dict(values))[:SHOWN_CHARS])


def readable_rows(
    rows: Iterable[Row | BadRow], columns: Sequence[str], *, texts: Sequence[str] = ()
) -> Iterator[Row | BadRow]:
    """The same rows, with those that are not whole as bad ones; arguments as in `incomplete`."""
    for row in rows:
        yield row if isinstance(row, BadRow) else incomplete(row, columns, texts=texts) or row


def usable_rows(
    rows: Iterable[Row | BadRow], columns: Sequence[str], bad: BadRows, *, texts: Sequence[str] = ()
) -> Iterator[Row]:
    """The whole rows; the others are counted.

    Raises:
        DataError: too many are bad.
    """
    for row in readable_rows(rows, columns, texts=texts):
        if isinstance(row, BadRow):
            bad.add(row)
        else:
            yield row
