"""What a language model wrote where something else was wanted, those answers first that do not fit the schema."""

from __future__ import annotations

from seatrial.govern.findings import rows
from seatrial.records import Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["answers"]

SHOWN_ROWS = 10


def answers(trial: Trial) -> Section | None:
    """None where nothing was written, or everything was as wanted."""
    other = rows(trial, "evaluate", "answers")
    if not other:
        return None
    columns = [Column("Asked", "long"), Column("Wanted", "long"), Column("Written", "long"), Column("Slices")]
    lines: list[list[Child]] = [
        [
            user(row["asked"]),
            user(row["wanted"]),
            user(row["written"]),
            [
                *([] if row.get("fits", True) else [h("span.chip", "does not fit the schema")]),
                *(h("span.chip", user(f"{key} {value}")) for key, value in (row.get("slices") or {}).items()),
            ],
        ]
        for row in other[:SHOWN_ROWS]
    ]
    body: list[Child] = [table("Answers that are not the wanted ones", columns, lines, stack=True)]
    lead = "Held-out conversations whose last answer the model writes in another way. Another way can be right, too."
    return Section("answers", "Answers", lead, body)
