"""The candidates for release: size, speed, quality, and why each won or lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.govern.figures import beside, capital, figure, metric_name, slice_name
from seatrial.govern.findings import rows
from seatrial.records import Candidate, Measurement, Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table
from seatrial.spec.contract import LIKENESSES

__all__ = ["candidates"]


def candidates(trial: Trial) -> Section | None:
    """None without candidates."""
    if not trial.candidates:
        return None
    columns = [
        Column("Candidate"),
        Column("Size", "number"),
        Column("Median latency", "number"),
        Column("p95 latency", "number"),
        Column("Quality"),
        Column("Outcome", "long"),
    ]
    lines = [_row(candidate) for candidate in trial.candidates]
    body: list[Child] = [table("Candidates", columns, lines, stack=True)]
    parity = rows(trial, "compress", "parity")
    if parity:
        likenesses = [name for name in LIKENESSES if any(name in row for row in parity)]
        shape = [
            Column("Candidate"),
            *(Column(capital(metric_name(likeness)), "number") for likeness in likenesses),
            *(Column(n, "number") for n in ("Largest difference", "Mean difference")),
        ]
        said = [
            [
                user(r["candidate"]),
                *(beside(likeness, r.get(likeness), 1.0) for likeness in likenesses),
                _small(r, "max_abs"),
                _small(r, "mean_abs"),
            ]
            for r in parity
        ]
        body += [
            h("h3", "Parity with the uncompressed model"),
            table("Parity of each candidate's raw outputs with the uncompressed model's", shape, said),
        ]
    latency = rows(trial, "accept", "latency")
    if latency:
        names = ("p50_ms", "p95_ms", "p99_ms")
        shape = [Column("Candidate"), Column("Requests", "number"), *(Column(metric_name(n), "number") for n in names)]
        said = [
            [user(r["candidate"]), f"{r.get('requests', 0):,}", *(figure(n, r.get(n)) for n in names)] for r in latency
        ]
        body += [h("h3", "Latency through the running service"), table("Latency of each candidate", shape, said)]
    lead = (
        "Every model file that could have been released. The fastest that meets the contract wins; of those as fast "
        "within the noise of measuring, the smallest."
    )
    return Section("candidates", "Candidates", lead, body)


def _row(candidate: Candidate) -> list[Child]:
    tried = [m for m in candidate.measurements if m.over is None]
    quality = h("ul.plain", [h("li", _quality(m)) for m in tried]) if tried else "–"
    outcome: list[Child] = [
        h("strong.badge.met", "✓ chosen") if candidate.chosen else h("span.badge.neutral", "not chosen"),
        " ",
        user(candidate.why),
    ]
    return [
        user(candidate.name),
        figure("size_mb", candidate.size_mb),
        figure("p50_ms", candidate.latency_p50_ms),
        figure("p95_ms", candidate.latency_p95_ms),
        quality,
        outcome,
    ]


def _quality(m: Measurement) -> list[Child]:
    place = f" where {slice_name(m.where)}" if m.where else ""
    return [f"{metric_name(m.metric)} ", h("b", figure(m.metric, m.value)), f" on {m.split}{place}"]


def _small(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return f"{value:.2g}" if isinstance(value, (int, float)) else "–"
