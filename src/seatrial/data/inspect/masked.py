"""A report on data whose shown texts can be passed on: what looks like personal data is masked in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from seatrial.data.clean.base import Changed, Refusal
from seatrial.data.redact.step import Redact
from seatrial.records import Report

__all__ = ["masked"]

WITH_TEXTS = ("samples", "suspected_labels")
NOT_SHOWN = "(not shown: too much in it looks like personal data)"


def masked(report: Report) -> Report:
    """The same report; where rules find personal data in a shown text, a mask such as ``[EMAIL]`` stands in its place.

    Args:
        report: of `inspect_items`.
    """
    redact = Redact()
    shown = {name: [_masked(row, redact) for row in report.tables.get(name, ())] for name in WITH_TEXTS}
    return replace(report, tables={**report.tables, **shown})


def _masked(row: Mapping[str, Any], redact: Redact) -> dict[str, Any]:
    found = redact(row["text"])
    text = NOT_SHOWN if isinstance(found, Refusal) else found.text if isinstance(found, Changed) else found
    return {**row, "text": text}
