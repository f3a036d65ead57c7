"""The texts of data files, as the verbs of `seatrial tokenizer` read them: anew each time they are iterated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seatrial.errors import DataError

if TYPE_CHECKING:
    from seatrial.data.flow.tables import Table

__all__ = ["TableTexts"]

MOST_BAD = 100


class TableTexts:
    """The texts of one column, in the order of the rows; rows without a text are passed over.

    Args:
        table: the files.
        column: which holds the text.
        part: a column that says which slice a text is in; None takes the file.

    Raises:
        DataError: when iterated, where more than 100 rows cannot be read.
    """

    def __init__(self, table: Table, column: str, part: str | None = None) -> None:
        self.table = table
        self.column = column
        self.part = part
        self.bad_rows = 0
        """Rows that could not be read the last time."""

    def __iter__(self) -> Iterator[str]:
        for _, text in self.pairs():
            yield text

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(slice, text) pairs."""
        from seatrial.data.sources.base import BadRow

        self.bad_rows = 0
        for row in self.table.rows():
            text = None if isinstance(row, BadRow) else row.values.get(self.column)
            if isinstance(row, BadRow) or isinstance(text, list | dict):
                self.bad_rows += 1
                if self.bad_rows > MOST_BAD:
                    where = row.where if isinstance(row, BadRow) else f"row {row.provenance.row}"
                    reason = row.reason if isinstance(row, BadRow) else "the text is no text"
                    raise DataError(f"{reason}; more than {MOST_BAD} rows cannot be read", where=where)
                continue
            if text is not None and str(text).strip():
                yield _written(row.values.get(self.part)) if self.part else row.provenance.source, str(text)


def _written(value: Any) -> str:
    return "(none)" if value is None or value == "" else str(value)
