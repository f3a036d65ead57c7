"""What is taken for what: the confusion matrix, and precision and recall per label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.govern.figures import figure, finite, interval
from seatrial.govern.findings import common_confusions, rows
from seatrial.records import Interval, Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.plots.confusion import confusion_matrix
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["confusion"]


def confusion(trial: Trial) -> Section | None:
    """None without a confusion matrix."""
    matrix = confusion_matrix(rows(trial, "evaluate", "confusion"), trial.labels)
    if matrix is None:
        return None
    body: list[Child] = [matrix]
    common = common_confusions(trial)
    if common:
        said = [
            h("li", user(row["label"]), " taken for ", user(row["predicted"]), f": {row['count']:,}") for row in common
        ]
        body += [h("h3", "Most common confusions"), h("ul", said)]
    per_label = rows(trial, "evaluate", "per_label")
    if per_label:
        columns = [Column("Label"), *(Column(name, "number") for name in ("Precision", "Recall", "F1", "Examples"))]
        lines = [
            [user(r["label"]), *(_with_interval(r, key) for key in ("precision", "recall", "f1")), _count(r.get("n"))]
            for r in per_label
        ]
        body += [h("h3", "By label"), table("Precision, recall and F1 by label", columns, lines)]
    column = "" if trial.dimensions is None else "each column what most of the nearest training examples are labelled; "
    lead = (
        f"Each row is one true label; {column}the darker a cell, the larger its share of the row. "
        "A perfect model fills only the diagonal."
    )
    return Section("confusion", "Confusion matrix", lead, body)


def _with_interval(row: Mapping[str, Any], key: str) -> Child:
    """A figure with its interval in small print."""
    ends = row.get(f"{key}_interval")
    if not ends:
        return figure(key, row.get(key))
    return [figure(key, row.get(key)), h("small", f" {interval(key, Interval(*ends))}")]


def _count(value: object) -> str:
    number = finite(value)
    return "–" if number is None else f"{number:,.0f}"
