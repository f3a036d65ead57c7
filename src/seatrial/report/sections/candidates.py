"""The candidates for release: size, speed, quality, and why each won or lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import beside, capital, figure, metric_name, slice_name
from seatrial.govern.findings import rows
from seatrial.records import Candidate, Measurement, Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table
from seatrial.spec.contract import LIKENESSES

__all__ = ["candidates"]

DIFFERENCES = {"max_abs": "Largest difference", "mean_abs": "Mean difference"}
COMPANY = ("alone", "changed")
WRITING = {
    "ttft_p50_ms": "First token",
    "ttft_p95_ms": "p95",
    "tpot_p50_ms": "Each further one",
    "tpot_p95_ms": "p95",
    "tokens_per_s": "Speed",
    "peak_memory_mb": "Peak memory",
}
"""Figures of a service that writes → their columns, which are many and must be narrow."""
TWO_DIGITS = ("tpot_p50_ms", "tpot_p95_ms")


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
    body += [*_parity(rows(trial, "compress", "parity")), *_latency(rows(trial, "accept", "latency"))]
    lead = (
        "Every model file that could have been released. The fastest that meets the contract wins; of those as fast "
        "within the noise of measuring, the smallest."
    )
    return Section("candidates", "Candidates", lead, body)


def _parity(parity: Sequence[Mapping[str, Any]]) -> list[Child]:
    """How like each candidate is to the model it came from."""
    if not parity:
        return []
    likenesses = [name for name in LIKENESSES if any(name in row for row in parity)]
    own = [name for name in parity[0] if name not in {"candidate", "size_mb", *DIFFERENCES, *COMPANY, *LIKENESSES}]
    shape = [
        Column("Candidate"),
        *(Column("Same token" if own else capital(metric_name(name)), "number") for name in likenesses),
        *(Column(capital(metric_name(name)), "number") for name in own),
        *(Column(title, "number") for title in DIFFERENCES.values()),
    ]
    said = [
        [
            user(r["candidate"]),
            *(beside(likeness, r.get(likeness), 1.0) for likeness in likenesses),
            *(figure(name, r.get(name)) for name in own),
            *(_small(r, key) for key in DIFFERENCES),
        ]
        for r in parity
    ]
    what = "surprises, in nats," if own else "raw outputs"
    return [
        h("h3", "Parity with the uncompressed model"),
        table(f"Parity of each candidate's {what} with the uncompressed model's, on validation", shape, said),
    ]


def _latency(latency: Sequence[Mapping[str, Any]]) -> list[Child]:
    """What the running service was measured to do."""
    if not latency:
        return []
    writes = any("tokens_per_s" in row for row in latency)
    titles = WRITING if writes else {name: metric_name(name) for name in ("p50_ms", "p95_ms", "p99_ms")}
    shape = [
        Column("Candidate"),
        Column("Answers" if writes else "Requests", "number"),
        *(Column(title, "number") for title in titles.values()),
    ]
    said = [[user(r["candidate"]), f"{r.get('requests', 0):,}", *(_timed(r, n) for n in titles)] for r in latency]
    body: list[Child] = [
        h("h3", "Latency through the running service"),
        table("Latency of each candidate", shape, said, stack=writes),
    ]
    if writes:
        asked, written = (figure(n, latency[0].get(n), digits=0) for n in ("prompt_tokens", "answer_tokens"))
        body.append(
            h(
                "p",
                f"One client, one answer after the other: prompts of {asked} tokens on average, answers of {written},"
                " always the most probable token. The first token and each further one are medians, with the p95 beside"
                " them; the speed is that of one answer. Median and p95 latency above are those of whole answers.",
            )
        )
    return body


def _timed(row: Mapping[str, Any], name: str) -> str:
    return figure(name, row.get(name), digits=2 if name in TWO_DIGITS else None)


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
