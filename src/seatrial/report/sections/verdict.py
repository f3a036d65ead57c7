"""The verdict: accepted or not, and each requirement beside what was measured."""

from __future__ import annotations

from seatrial.govern.figures import beside, bound, figure, interval, printable, requirement_name
from seatrial.govern.findings import decisive, shortfall
from seatrial.records import RequirementResult, Trial
from seatrial.report.markup import Html, h, user
from seatrial.report.plots.bound_bar import bound_bar
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["verdict"]


def verdict(trial: Trial) -> Section:
    """Always there: a trial has a verdict, even on an empty contract."""
    columns = [
        Column("Requirement"),
        Column("Met"),
        Column("Measured", "number"),
        Column("Interval", "number"),
        Column("Bound", "number"),
        Column("Margin", "number"),
        Column("Measured against the bound", "plot"),
    ]
    body = [_row(result) for result in trial.verdict.results]
    legend = h(
        "p.note",
        "Bar: the line is the bound, the shaded side is accepted; a disc is a met figure, a cross a missed one, "
        "whiskers are its bootstrap interval. Margin: by how much the deciding figure is inside the bound; a negative "
        "one is what is missing.",
    )
    contract = (
        [table("The contract, line by line", columns, body, stack=True), legend]
        if body
        else h("p", "The project states no requirement.")
    )
    return Section("verdict", "Verdict", None, [_banner(trial), h("h3", "The contract"), contract])


def _banner(trial: Trial) -> Html:
    accepted, total, missed = trial.verdict.accepted, len(trial.verdict.results), len(trial.verdict.missed)
    name = user(trial.verdict.candidate)
    if accepted:
        line = (
            [f"All {total} requirements are met by the candidate ", name, "."]
            if total > 1
            else ["The requirement is met by the candidate ", name, "."]
        )
    elif total:
        line = [
            f"{missed} of {total} requirements {'is' if missed == 1 else 'are'} not met by the best candidate, ",
            name,
            ". Nothing was released; an earlier release stays as it was.",
        ]
    else:
        line = ["There is no requirement to meet, so nothing was released."]
    mark = "M5 13l5 5L20 7" if accepted else "M6 6l12 12M18 6L6 18"
    sign = h("svg", h("path", attrs={"d": mark}), attrs={"viewBox": "0 0 24 24", "aria-hidden": "true"})
    words = h("div", h("p.outcome", "Accepted" if accepted else "Not accepted"), h("p", line))
    return h("div.banner.accepted" if accepted else "div.banner.refused", sign, words)


def _row(result: RequirementResult) -> list[Html | str]:
    asked = result.requirement
    signed = asked.over is not None and not asked.ratio
    gap = shortfall(result)
    sign = "\u2265" if asked.comparator == ">=" else "\u2264"
    margin = figure(asked.metric, None if gap is None else -gap, signed=True)
    if gap is not None and decisive(result) is not None and margin.strip("+\u2212") == figure(asked.metric, 0.0):
        margin = beside(asked.metric, -gap, 0.0, signed=True)
    name = h(
        "div",
        h("span", requirement_name(asked)),
        h("small.why", printable(result.why)) if not result.met and result.why else None,
    )
    return [
        name,
        h("strong.badge.met", "✓ met") if result.met else h("strong.badge.missed", "✗ not met"),
        beside(asked.metric, result.measured, asked.bound, signed=signed),
        interval(asked.metric, result.interval, signed=signed),
        f"{sign}\u00a0{bound(asked.metric, asked.bound, signed=signed)}",
        h("strong.missed", margin) if not result.met else margin,
        bound_bar(result),
    ]
