"""The verdict as a terminal shows it: every requirement, every candidate, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from shutil import get_terminal_size
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seatrial.records import RequirementResult, Trial

__all__ = ["stage_line", "verdict_table"]


NARROWEST, WIDEST = 60, 160
"""Below, numbers would be broken; above, the eye loses the row."""


def stage_line(stage: str, event: str, seconds: float) -> str:
    """One line about a stage that starts, is reused or is done."""
    if event == "start":
        return f"{stage} …"
    if event == "reuse":
        return f"{stage}: unchanged, reused"
    return f"{stage}: done in {seconds:.1f} s"


def verdict_table(trial: Trial) -> str:
    """The contract beside the measurements, then the candidates, as plain text."""
    text = StringIO()
    width = max(NARROWEST, min(WIDEST, get_terminal_size((120, 40)).columns))
    console = Console(file=text, width=width, highlight=False, no_color=True)
    verdict = trial.verdict
    contract = Table(
        title=f"{escape(trial.project)}: {'ACCEPTED' if verdict.accepted else 'NOT ACCEPTED'}", title_justify="left"
    )
    contract.add_column("requirement", overflow="fold")
    for column in ("measured", "interval", "bound"):
        contract.add_column(column, justify="right", no_wrap=True)
    contract.add_column("met", no_wrap=True)
    for result in verdict.results:
        contract.add_row(*_contract_row(result))
    console.print(contract)
    for result in verdict.missed:  # below, where a sentence has the whole width
        console.print(f"missed: {escape(result.requirement.name)}: {escape(result.why)}")
    candidates = Table(title="candidates", title_justify="left")
    candidates.add_column("candidate", overflow="fold", min_width=8)
    speeds = {row["candidate"]: row.get("tokens_per_s") for row in _measured(trial)}
    writes = any(value is not None for value in speeds.values())
    for column in ("size MB", "p95 ms", *(("tokens/s",) if writes else ())):
        candidates.add_column(column, justify="right", no_wrap=True)
    candidates.add_column("outcome", overflow="fold")
    for candidate in trial.candidates:
        p95 = "–" if candidate.latency_p95_ms is None else f"{candidate.latency_p95_ms:.1f}"
        speed = (_speed(speeds.get(candidate.name)),) if writes else ()
        candidates.add_row(escape(candidate.name), f"{candidate.size_mb:.1f}", p95, *speed, escape(candidate.why))
    console.print(candidates)
    return text.getvalue().rstrip("\n")


def _measured(trial: Trial) -> Sequence[Mapping[str, Any]]:
    """What was measured of each candidate through its service."""
    report = trial.reports.get("accept")
    return () if report is None else report.tables.get("latency", ())


def _speed(tokens_per_s: float | None) -> str:
    return "–" if tokens_per_s is None else f"{tokens_per_s:.1f}"


def _contract_row(result: RequirementResult) -> tuple[str, str, str, str, str]:
    measured = "–" if result.measured is None else f"{result.measured:.4g}"
    interval = f"{result.interval.low:.3f} … {result.interval.high:.3f}" if result.interval else ""
    sign = "≥" if result.requirement.comparator == ">=" else "≤"
    bound = f"{sign} {result.requirement.bound:g}"
    return escape(result.requirement.name), measured, interval, bound, "yes" if result.met else "NO"
