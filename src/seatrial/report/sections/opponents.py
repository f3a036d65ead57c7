"""The model beside its opponents, on the same examples in the same run."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.govern.figures import LOWER_IS_BETTER, capital, figure, finite, interval, metric_name, slice_name
from seatrial.govern.findings import differences, figures_of_model, headline, measured_on
from seatrial.govern.findings import opponents as find_opponents
from seatrial.records import Trial
from seatrial.report.markup import Child, Html, h, user
from seatrial.report.plots.whisker import axis, shared_scale, whisker
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["opponents"]


def opponents(trial: Trial) -> Section | None:
    """None when nobody else was measured."""
    metric = headline(trial)
    if metric is None:
        return None
    # The places that matter: everything, and the slices that the contract names.
    places: list[Mapping[str, str]] = [{}]
    for result in trial.verdict.results:
        where = dict(result.requirement.where)
        if result.requirement.split == "test" and where not in places:
            places.append(where)
    groups = [group for place in places if (group := _group(trial, metric, place))]
    if not groups:
        return None
    body: list[Child] = list(groups)
    leads = [m for m in differences(trial) if finite(m.value) is not None]
    if leads:
        columns = [
            Column("Lead over"),
            Column("Metric"),
            Column("Where"),
            Column("Lead", "number"),
            Column("Interval", "number"),
        ]
        lines: list[list[Child]] = [
            [
                user(m.over),
                metric_name(m.metric),
                user(slice_name(m.where)),
                figure(m.metric, m.value, signed=True),
                interval(m.metric, m.interval, signed=True),
            ]
            for m in leads
        ]
        leading = table("Leads over opponents, example by example", columns, lines)
        body.append(h("details", h("summary", f"Leads over each opponent, {len(lines):,} figures"), leading))
    better = "Lower" if metric in LOWER_IS_BETTER else "Higher"
    lead = (
        f"{capital(metric_name(metric))} on the same examples in the same run, best first. {better} is better; where "
        "whiskers overlap widely, the order is not certain."
    )
    return Section("opponents", "Opponents", lead, body)


def _group(trial: Trial, metric: str, where: Mapping[str, str]) -> Html | None:
    ours = measured_on(figures_of_model(trial), metric, where)
    theirs = find_opponents(trial, metric, where)
    if ours is None or not theirs:
        return None
    everyone = sorted([ours, *theirs], key=lambda m: finite(m.value) or 0.0, reverse=metric not in LOWER_IS_BETTER)
    scale = shared_scale(everyone)
    columns = [
        Column("System"),
        Column(metric_name(metric), "number"),
        Column("Interval", "number"),
        Column("On one scale", "plot", axis(scale)),
    ]
    lines: list[list[Child]] = []
    for m in everyone:
        mine = m is ours
        name = h("strong", "this model") if mine else user(m.system)
        plot = whisker(m, scale, kind="ours" if mine else "theirs", reference=ours.value)
        lines.append([name, figure(metric, m.value), interval(metric, m.interval), plot])
    title = slice_name(where)
    heading = h("h3", capital(title), h("small", f" {ours.n:,} examples"))
    return h("div.group", heading, table(f"This model and its opponents on {title}", columns, lines, stack=True))
