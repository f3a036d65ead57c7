"""Sections of the page on data: a report of `seatrial.data.inspect` → titled content, or nothing without figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import finite
from seatrial.records import Report
from seatrial.report.markup import Child, h, user
from seatrial.report.plots.share_bar import share_bar
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, pairs, table

__all__ = ["copied", "findings", "makeup", "samples"]

MOST_ROWS = 100
FACTS = {"rows": "rows", "texts": "texts", "empty": "empty texts", "bad_rows": "rows not usable", "labelled": "labels"}
QUANTILES = {"mean": "mean", "min": "least", "p5": "5 %", "p50": "half", "p95": "95 %", "p99": "99 %", "max": "most"}


def makeup(report: Report) -> Section | None:
    """Rows, parts, classes and lengths."""
    facts: list[tuple[str, Child]] = [(name, _number(report.facts.get(key))) for key, name in FACTS.items()]
    body: list[Child] = [pairs(facts)]
    body += _table(report, "bad_rows", "Rows not usable, and why", {"reason": "Reason", "count": "Rows"})
    body += _table(report, "parts", "Parts", {"part": "Part", "rows": "Rows"})
    body += _shares(report.tables.get("labels", ()), "label", "Labels", "Rows")
    lengths = {"unit": "Unit", **QUANTILES}
    body += _table(
        report, "lengths", "Lengths", lengths, "Words are counted by letters and spaces; each Chinese character is one."
    )
    bars = report.series.get("length_histogram", ())
    most = max((finite(bar["count"]) or 0.0 for bar in bars), default=0.0)
    if most:
        lines: list[list[Child]] = [
            [_bounds(bar), _number(bar["count"]), share_bar(bar["count"] / most)] for bar in bars
        ]
        columns = [Column("Characters"), Column("Texts", "number"), Column("", "plot")]
        body += [h("h3", "Texts by length"), table("Texts by length in characters", columns, lines)]
    return Section("makeup", "What is there", None, body)


def copied(report: Report) -> Section | None:
    """Copies, and what is in more than one part."""
    copies = {"kind": "Copies", "clusters": "Groups", "texts": "Texts in them", "more": "Texts too many"}
    body = _table(report, "copies", "", {**copies, "conflicting": "Groups with several labels"})
    leaks = report.tables.get("leaks", ())
    if body and not leaks and len(report.tables.get("parts", ())) > 1:
        body.append(h("p.note", "None of them is in more than one part."))
    if leaks:
        lines: list[list[Child]] = [
            [row["kind"], [h("div", user(part)) for part in row["between"]], _number(row["clusters"])]
            for row in leaks[:MOST_ROWS]
        ]
        columns = [Column("Copies"), Column("Parts", "long"), Column("Groups", "number")]
        body += [h("h3", "In more than one part"), table("Copies in more than one part", columns, lines)]
    compared = _number(report.facts.get("compared"))
    lead = f"Looked for among {compared} texts. Where splits share copies, what is tested on has been learned."
    return Section("copies", "Copies and leaks", lead, body) if body else None


def findings(report: Report) -> Section | None:
    """Languages, personal data and suspected labels, of samples."""
    sampled, judged = (_number(report.facts.get(name)) for name in ("sampled", "judged_labels"))
    body: list[Child] = _shares(report.tables.get("languages", ()), "language", "Languages", "Texts")
    personal = {"entity": "Kind", "texts": "Texts", "found": "Found"}
    body += _table(
        report,
        "personal_data",
        "Personal data",
        personal,
        "Rules find it; they miss some, and take some other text for it.",
    )
    suspects = {
        "text": "Text",
        "label": "Label",
        "suggested": "Perhaps",
        "score": "Score",
        "source": "Source",
        "row": "Row",
    }
    suspected = _number(report.facts.get("suspected"))
    note = (
        f"{suspected} of {judged} labels, the most suspicious first. The score is how likely a quick model, which has "
        "not seen the text, finds the label."
    )
    body += _table(report, "suspected_labels", "Labels that are probably wrong", suspects, note)
    lead = f"Languages and personal data are those of {sampled} texts, taken at random."
    return Section("findings", "A closer look", lead, body) if body else None


def samples(report: Report) -> Section | None:
    """Rows as they are."""
    body = _table(report, "samples", "", {"text": "Text", "label": "Label", "source": "Source", "row": "Row"})
    return (
        Section("samples", "Sample rows", "Texts as they are; there may be personal data in them.", body)
        if body
        else None
    )


def _table(report: Report, name: str, title: str, columns: Mapping[str, str], note: str | None = None) -> list[Child]:
    rows = report.tables.get(name, ())[:MOST_ROWS]
    if not rows:
        return []
    kinds = {key: "number" if isinstance(rows[0][key], int | float) else "text" for key in columns}
    kinds |= {"text": "long"} if "text" in columns else {}
    lines: list[list[Child]] = [[_cell(key, row[key]) for key in columns] for row in rows]
    shown = table(
        title or name, [Column(header, kinds[key]) for key, header in columns.items()], lines, stack="text" in columns
    )
    return [h("h3", title) if title else None, shown, h("p.note", note) if note else None]


def _shares(rows: Sequence[Mapping[str, Any]], key: str, title: str, counted: str) -> list[Child]:
    if not rows:
        return []
    columns = [Column(title), Column(counted, "number"), Column("Share", "number"), Column("", "plot")]
    lines: list[list[Child]] = [
        [user(row[key]), _number(row["count"]), f"{100 * row['share']:.1f} %", share_bar(row["share"])]
        for row in rows[:MOST_ROWS]
    ]
    more = len(rows) - MOST_ROWS
    return [h("h3", title), table(title, columns, lines), h("p.note", f"and {more:,} more") if more > 0 else None]


def _bounds(bar: Mapping[str, Any]) -> str:
    return f"{bar['from']:,} to {bar['to']:,}" if bar["to"] > bar["from"] else f"{bar['to']:,}"


def _cell(key: str, value: object) -> Child:
    if isinstance(value, str):
        return user(value)
    return f"{value:.3f}" if key == "score" and isinstance(value, float) else _number(value)


def _number(value: object) -> str:
    number = finite(value)
    if number is None:
        return "–"
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
