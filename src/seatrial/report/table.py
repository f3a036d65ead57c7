"""Tables with real headers, which scroll sideways by keyboard, or stack into cards where the screen is narrow.

Refuses to know what the cells mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.report.markup import Child, Html, h

__all__ = ["Column", "pairs", "table"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, and what kind of cells it has (``"text"``, ``"number"``, ``"plot"`` or ``"long"``).

    `axis` is drawn under the header, for columns of plots.
    """

    header: str
    kind: str = "text"
    axis: Child = None


def table(caption: str, columns: Sequence[Column], body: Sequence[Sequence[Child]], *, stack: bool = False) -> Html:
    """A table whose first column names the row.

    Args:
        caption: what the table shows; read out, and the name of the scrolling region.
        columns: as many as each row has cells.
        body: rows of cells.
        stack: on narrow screens each row becomes a card with its headers inside.
    """
    head = h("tr", [h(f"th.{c.kind}", c.header, c.axis, attrs={"scope": "col"}) for c in columns])
    lines = [
        h(
            "tr",
            [
                _cell(column, cell, first=i == 0, stack=stack)
                for i, (column, cell) in enumerate(zip(columns, row, strict=True))
            ],
        )
        for row in body
    ]
    wide = len(columns) > 5 or any(column.kind in {"plot", "long"} for column in columns)
    inner = h(
        "table" + (".stack" if stack else "") + (".wide" if wide else ""),
        h("caption.hidden", caption),
        h("thead", head),
        h("tbody", lines),
    )
    return h("div.scroll", inner, attrs={"tabindex": "0", "role": "region", "aria-label": caption})


def pairs(items: Sequence[tuple[str, Child]]) -> Html:
    """Names and values, as a description list."""
    return h("dl.pairs", [h("div", h("dt", name), h("dd", value)) for name, value in items])


def _cell(column: Column, content: Child, *, first: bool, stack: bool) -> Html:
    if first:
        return h(f"th.{column.kind}", content, attrs={"scope": "row"})
    if not stack:
        return h(f"td.{column.kind}", content)
    # Stacked, the cell is a grid of two: its header, drawn by the style sheet, and the content as one item.
    return h(f"td.{column.kind}", h("div", content), attrs={"data-label": column.header})
