"""The text of a row, or why it has none: the same for every task whose rows hold their text in one column."""

from __future__ import annotations

from seatrial.data.cells import cell_text, holds_no_text, no_text_in
from seatrial.records import Drop, Row
from seatrial.spec.data import DataSpec

__all__ = ["row_text"]

SHOWN_CHARS = 200


def row_text(row: Row, data: DataSpec) -> str | Drop:
    """The text in `data.columns.text`; in place of a missing one, what `data.missing` fills in."""
    cell = row.values[data.columns.text]
    if holds_no_text(cell):
        return Drop(no_text_in(data.columns.text), repr(cell)[:SHOWN_CHARS], row.provenance)
    text = cell_text(cell)
    if text is None:
        text = data.missing.filling("text")
    return Drop("text is missing", "", row.provenance, missing="text") if text is None else text
