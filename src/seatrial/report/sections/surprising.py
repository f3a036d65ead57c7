"""What a language model foresees worst: the documents with the most bits per byte."""

from __future__ import annotations

from seatrial.govern.figures import figure
from seatrial.govern.findings import rows
from seatrial.records import Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["surprising"]

SHOWN_ROWS = 10


def surprising(trial: Trial) -> Section | None:
    """None where no document was foreseen."""
    worst = rows(trial, "evaluate", "surprising")
    if not worst:
        return None
    columns = [Column("Text", "long"), Column("Bits per byte", "number"), Column("Tokens", "number"), Column("Slices")]
    lines: list[list[Child]] = [
        [
            user(row["text"]),
            figure("bits_per_byte", row["bits_per_byte"]),
            f"{row['tokens']:,}",
            [h("span.chip", user(f"{key} {value}")) for key, value in (row.get("slices") or {}).items()],
        ]
        for row in worst[:SHOWN_ROWS]
    ]
    body: list[Child] = [table("The documents that surprised the model most", columns, lines, stack=True)]
    lead = "Held-out documents that the model foresees worst. Other languages, lists and spoilt texts show here."
    return Section("surprising", "Surprising documents", lead, body)
