"""Confusion matrix: rows are what is true, columns what the model says, shade is the share of the row.

A table and not an SVG, because label names may be long, in any script, and many; it scrolls, wraps and is read out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import finite
from seatrial.report.markup import Html, h, user

__all__ = ["confusion_matrix"]

FEW = 6
"""Up to this many labels the header is horizontal and cells show the share as well."""


def confusion_matrix(cells: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Html | None:
    """The matrix in the order of `labels`; None when there are no cells."""
    counts = {(cell["label"], cell["predicted"]): finite(cell["count"]) or 0.0 for cell in cells}
    if not counts:
        return None
    few = len(labels) <= FEW
    head = h(
        "tr",
        h("td.corner", "true ↓ said →"),
        [h("th", h("span.name", user(label)), attrs={"scope": "col", "title": label}) for label in labels],
    )
    body = []
    for label in labels:
        total = sum(counts.get((label, predicted), 0.0) for predicted in labels)
        row = [_cell(counts.get((label, predicted), 0.0), total, label == predicted, few) for predicted in labels]
        body.append(h("tr", h("th", h("span.name", user(label)), attrs={"scope": "row", "title": label}), row))
    caption = "Confusion matrix: rows are true labels, columns are what the model says"
    kind = "table.confusion.few" if few else "table.confusion.many"
    inner = h(kind, h("caption.hidden", caption), h("thead", head), h("tbody", body))
    return h("div.scroll", inner, attrs={"tabindex": "0", "role": "region", "aria-label": caption})


def _cell(count: float, total: float, right: bool, few: bool) -> Html:
    share = count / total if total else 0.0
    name = "td.right" if right else "td.wrong"
    # The white-on-dark text of a well-filled cell must not wait for a style sheet that can compare numbers.
    name += ".full" if share > 0.5 else ""
    text = f"{count:,.0f}"
    return h(name, text, h("small", f"{100 * share:.0f} %") if few else None, attrs={"style": f"--share:{share:.3f}"})
