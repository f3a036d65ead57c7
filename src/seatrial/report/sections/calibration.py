"""Whether the model's confidence can be taken at its word."""

from __future__ import annotations

from seatrial.govern.figures import figure, finite
from seatrial.govern.findings import rows
from seatrial.records import Trial
from seatrial.report.markup import Child, h
from seatrial.report.plots.reliability import reliability
from seatrial.report.sections.base import Section, figure_box, legend
from seatrial.report.table import pairs

__all__ = ["calibration"]

FACTS = {
    "ece_before": "calibration error before",
    "ece_after": "calibration error after",
    "temperature": "temperature (answers are softened above 1, sharpened below)",
}


def calibration(trial: Trial) -> Section | None:
    """None without a reliability series."""
    plot = reliability(rows(trial, "evaluate", "reliability", "series"))
    if plot is None:
        return None
    report = trial.reports["evaluate"]
    keys = legend([("before", "before"), ("strong", "after"), ("reference", "ideal"), ("count", "answers, after")])
    facts: list[tuple[str, Child]] = [
        (name, figure(key, report.facts[key]))
        for key, name in FACTS.items()
        if finite(report.facts.get(key)) is not None
    ]
    body = h("div.plots", figure_box("Reliability", plot, keys), pairs(facts) if facts else None)
    lead = (
        "Of the answers given with 80 % confidence, 80 % should be right. "
        "One temperature, fitted on the validation split, corrects this."
    )
    return Section("calibration", "Calibration", lead, body)
