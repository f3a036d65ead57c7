"""How the model does on each slice, with intervals, beside the figure for everything."""

from __future__ import annotations

from itertools import groupby

from seatrial.govern.figures import capital, figure, finite, interval, metric_name, name, printable
from seatrial.govern.findings import figures_of_model, headline, measured_on
from seatrial.records import Measurement, Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.plots.whisker import axis, shared_scale, whisker
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["slices"]


def slices(trial: Trial) -> Section | None:
    """None when nothing was measured on a slice."""
    metric, measurements = headline(trial), figures_of_model(trial)
    found = [m for m in measurements if m.metric == metric and m.over is None and m.where]
    if metric is None or not found:
        return None
    whole = measured_on(measurements, metric, {})
    scale = shared_scale([*found, *([whole] if whole else [])])
    reference = whole.value if whole else None
    others = list(dict.fromkeys(m.metric for m in measurements if m.over is None and m.where and m.metric != metric))
    columns = [
        Column("Slice"),
        Column("Examples", "number"),
        Column(metric_name(metric), "number"),
        Column("Interval", "number"),
        Column("On one scale", "plot", axis(scale)),
        *(Column(metric_name(other), "number") for other in others[:2]),
    ]

    def row(m: Measurement, title: Child) -> list[Child]:
        more = [measured_on(measurements, other, m.where) for other in others[:2]]
        beside = [figure(other, x.value if x else None) for other, x in zip(others[:2], more, strict=True)]
        plot = whisker(m, scale, reference=reference)
        return [title, f"{m.n:,}", figure(metric, m.value), interval(metric, m.interval), plot, *beside]

    body: list[Child] = []
    ordered = sorted(found, key=lambda m: (len(m.where), tuple(m.where)))
    for keys, group in groupby(ordered, key=lambda m: tuple(m.where)):
        members = sorted(group, key=lambda m: -(finite(m.value) or 0.0))
        title = "By " + " and ".join(printable(key).replace("_", " ") for key in keys)
        lines = [row(m, user(", ".join(m.where.values()) if len(keys) < 3 else str(dict(m.where)))) for m in members]
        if whole and len(keys) == 1:
            lines.append(row(whole, h("em", "all examples")))
        body += [
            h("h3", title),
            table(f"{metric_name(metric)} {title[0].lower()}{title[1:]}", columns, lines, stack=True),
        ]
    lead = (
        f"{capital(metric_name(metric))} on parts of the test split, as the candidate {name(trial.verdict.candidate)} "
        "answers. The dashed line is the figure for all examples; whiskers are bootstrap intervals, wide where "
        "examples are few."
    )
    return Section("slices", "Slices", lead, body)
