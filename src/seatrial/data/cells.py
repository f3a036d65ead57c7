"""What a cell of a text column holds: one rule for projects and for every verb.

A number counts as the text that it is written as, in a column of texts of which some are numbers. A gap is None, or the
not-a-number that tables use for one. A list, an object or bytes are no text.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = ["cell_text", "holds_no_text", "is_gap", "no_text_in"]


def is_gap(cell: Any) -> bool:
    """Whether nothing stands in the cell; an empty text is something."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def holds_no_text(cell: Any) -> bool:
    """Whether something stands there that cannot be read as one text."""
    return isinstance(cell, (list, tuple, dict, set, bytes, bytearray))


def no_text_in(column: str) -> str:
    """Why a row with such a cell cannot be used."""
    return f"{column!r} holds a list or an object, not a text"


def cell_text(cell: Any) -> str | None:
    """The text of a cell, None for a gap: a text as it is, true and false as JSON writes them, others as Python does.

    Args:
        cell: of any kind; ask `holds_no_text` first, where that can be.
    """
    if isinstance(cell, str):
        return cell
    if is_gap(cell):
        return None
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
