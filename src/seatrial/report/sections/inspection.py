"""A closer look at the prepared data, folded up: lengths, languages, copies and leaks, doubtful labels, sample rows."""

from __future__ import annotations

from seatrial.records import Trial
from seatrial.report.inspected import copied, findings, makeup, samples
from seatrial.report.markup import Child, h
from seatrial.report.sections.base import Section

__all__ = ["inspection"]

LEAD = (
    "The examples of all three splits as they came out of cleaning and de-duplication, without augmented ones. "
    "Each part opens. Personal data that rules find is masked in the texts shown here."
)


def inspection(trial: Trial) -> Section | None:
    """None when the data were not inspected."""
    report = trial.reports.get("inspect")
    if report is None:
        return None
    parts = [part for make in (makeup, copied, findings, samples) if (part := make(report)) is not None]
    body: list[Child] = [
        h("details", h("summary", part.title), h("p.note", part.lead) if part.lead else None, part.body)
        for part in parts
    ]
    return Section("inspection", "A closer look at the data", LEAD, body) if body else None
