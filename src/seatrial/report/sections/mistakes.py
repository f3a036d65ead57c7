"""Where the model is wrong: its most confident mistakes, and mistakes by slice and by length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.govern.figures import finite, percent, printable
from seatrial.govern.findings import rows
from seatrial.records import Trial
from seatrial.report.markup import Child, Html, h, user
from seatrial.report.plots.share_bar import share_bar
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["mistakes"]

MOST_ROWS = 25
SHOWN_ROWS = 8
MAX_CHARACTERS = 500


def mistakes(trial: Trial) -> Section | None:
    """None when no table of mistakes is there."""
    body: list[Child] = []
    worst = rows(trial, "evaluate", "mistakes")
    if worst:
        rated = any(finite(row.get("agreement")) is not None for row in worst)
        answers = trial.dimensions is None
        columns = [
            Column("Text", "long"),
            Column("True label"),
            Column("Said" if answers else "Neighbours are"),
            Column("Confidence" if answers else "Share of them", "number"),
            *([Column("Raters agreeing", "number")] if rated else []),
            Column("Slices"),
        ]
        lines: list[list[Child]] = [
            [
                _text(row["text"]),
                user(row["label"]),
                user(row["predicted"]),
                percent(row.get("probability")),
                *([percent(row.get("agreement"))] if rated else []),
                [h("span.chip", user(f"{key} {value}")) for key, value in (row.get("slices") or {}).items()],
            ]
            for row in worst[:MOST_ROWS]
        ]
        body += [
            h("h3", "Most confident mistakes"),
            table("The mistakes that the model was surest of", columns, lines[:SHOWN_ROWS], stack=True),
        ]
        if lines[SHOWN_ROWS:]:
            rest = table("More mistakes that the model was sure of", columns, lines[SHOWN_ROWS:], stack=True)
            body.append(h("details", h("summary", f"{len(lines) - SHOWN_ROWS} more"), rest))
    by_slice = rows(trial, "evaluate", "mistakes_by_slice")
    if by_slice:
        lines = [[user(f"{row['slice']} {row['value']}"), *_rate(row)] for row in by_slice]
        body += [h("h3", "Mistakes by slice"), table("Mistakes by slice", _columns("Slice"), lines)]
    by_length = rows(trial, "evaluate", "mistakes_by_length")
    if by_length:
        lines = [[user(row["tokens"]), *_rate(row)] for row in by_length]
        body += [h("h3", "Mistakes by length"), table("Mistakes by length in tokens", _columns("Tokens"), lines)]
    lead = (
        "Read these before trusting the model: many are hard for people too, some are wrong labels, the rest is what "
        f"it {'has not learned' if trial.dimensions is None else 'puts among the wrong neighbours'}."
    )
    return Section("mistakes", "Mistakes", lead, body) if body else None


def _columns(first: str) -> list[Column]:
    return [
        Column(first),
        Column("Examples", "number"),
        Column("Mistakes", "number"),
        Column("Rate", "number"),
        Column("", "plot"),
    ]


def _rate(row: Mapping[str, Any]) -> list[Child]:
    counts = [finite(row.get(key)) for key in ("n", "errors")]
    rate = row.get("error_rate")
    return [*("–" if count is None else f"{count:,.0f}" for count in counts), percent(rate), share_bar(rate)]


def _text(text: object) -> Html:
    """The text in its own direction; a very long one is cut, and says so."""
    shown = printable(text)
    if len(shown) <= MAX_CHARACTERS:
        return h("p.quote", shown, attrs={"dir": "auto"})
    cut = h("small", f" … {len(shown):,} characters in all")
    return h("p.quote", shown[:MAX_CHARACTERS], cut, attrs={"dir": "auto"})
