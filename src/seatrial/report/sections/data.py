"""What the model learned from and was tried on: sources, what was dropped and why, splits by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import finite
from seatrial.govern.findings import rows
from seatrial.records import SPLITS, Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, pairs, table

__all__ = ["data"]

SHEET = "DATASHEET.md"
"""Written beside the page, in the release as in the project's store."""
LENGTHS = {"mean": "Mean", "min": "Least", "p50": "Half", "p95": "95 %", "p99": "99 %", "max": "Most"}
FACTS = {"examples": "examples kept", "exact_copies": "exact copies", "near_copies": "near copies"}
MORE_FACTS = {
    "semantic_copies": "semantic copies",
    "labelled_by_rules": "labelled by rules, to learn from",
    "unlabelled": "without a label, in the training split",
}
EMPTY = frozenset({"text is empty", "text is missing"})


def data(trial: Trial) -> Section | None:
    """None when `prepare` reported nothing."""
    report = trial.reports.get("prepare")
    if report is None:
        return None
    body: list[Child] = []
    facts: list[tuple[str, Child]] = [
        (name, _count(report.facts[key])) for key, name in (FACTS | MORE_FACTS).items() if key in report.facts
    ]
    empty = sum(finite(row.get("count")) or 0.0 for row in rows(trial, "prepare", "dropped") if row["reason"] in EMPTY)
    if empty:
        facts.append(("empty texts, left out", _count(empty)))
    if facts:
        body.append(pairs(facts))
    splits = rows(trial, "prepare", "splits")
    if splits:
        title = "Examples by split and label" if trial.labels else "Examples by split"
        body += [h("h3", title), _by_label(splits, trial.labels)]
    lengths = rows(trial, "prepare", "lengths")
    if lengths:
        body += [h("h3", "Lengths in characters"), _lengths(lengths)]
    parts = rows(trial, "prepare", "slices")
    if parts:
        columns = [Column("Slice"), *(Column(name.capitalize(), "number") for name in SPLITS)]
        lines: list[list[Child]] = [
            [user(f"{r['slice']} {r['value']}"), *(_count(r.get(name)) for name in SPLITS)] for r in parts
        ]
        body += [h("h3", "Examples by slice"), table("Examples by slice and split", columns, lines)]
    sources = rows(trial, "prepare", "sources")
    if sources:
        columns = [Column("Source"), Column("Rows read", "number"), Column("Unreadable rows", "number")]
        lines = [[user(r["source"]), _count(r.get("rows")), _count(r.get("bad_rows"))] for r in sources]
        body += [h("h3", "Sources"), table("Rows by source", columns, lines)]
    body += _rules(rows(trial, "prepare", "rules"))
    made = rows(trial, "prepare", "augmented")
    if made:
        columns = [Column("Method"), Column("Label"), Column("Made", "number")]
        lines = [[user(r["method"]), user(r["label"]), _count(r.get("made"))] for r in made]
        body += [h("h3", "Training examples made from others"), table("Made by method and label", columns, lines)]
    dropped = rows(trial, "prepare", "dropped")
    if dropped:
        columns = [Column("Reason"), Column("Step"), Column("Dropped", "number")]
        lines = [[user(r["reason"]), user(r["step"]), _count(r.get("count"))] for r in dropped]
        body += [h("h3", "Dropped, and why"), table("Dropped rows by reason", columns, lines)]
    lead = ["What is known about them, and what people say of them: ", h("a", SHEET, attrs={"href": SHEET}), "."]
    return Section("data", "Data", lead if trial.lineage.get("spec") else None, body) if body else None


def _rules(found: Sequence[Mapping[str, Any]]) -> list[Child]:
    """What rules labelled, for the training split."""
    if not found:
        return []
    shares = {"coverage": "Covers", "conflicts": "Contradicted", "trusted": "Trusted", "accuracy": "Right"}
    columns = [Column("Rule"), Column("Labels"), *(Column(name, "number") for name in shares.values())]
    lines: list[list[Child]] = [
        [user(r["rule"]), user(", ".join(r["labels"])), *(_share(r.get(key)) for key in shares)] for r in found
    ]
    note = (
        "Of the rows without a label: the share that the rule covers, and that where another rule contradicts it. "
        "Trusted is how often it is right as the label model sees it; right, how often it is on training rows that "
        "people labelled."
    )
    return [
        h("h3", "Rules that labelled rows"),
        table("Rules and what they labelled", columns, lines),
        h("p.note", note),
    ]


def _share(value: object) -> str:
    number = finite(value)
    return "–" if number is None else f"{100 * number:.1f} %"


def _by_label(splits: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Child:
    counts = {(r["split"], r["label"]): finite(r["count"]) or 0.0 for r in splits}
    names = list(dict.fromkeys(r["split"] for r in splits))
    columns = [Column("Label" if labels else ""), *(Column(name.capitalize(), "number") for name in names)]
    lines: list[list[Child]] = [
        [user(label), *(_count(counts.get((name, label), 0.0)) for name in names)] for label in labels
    ]
    totals = [sum(count for (split, _), count in counts.items() if split == name) for name in names]
    lines.append([h("em", "together" if labels else "examples"), *(_count(total) for total in totals)])
    return table("Examples by label and split" if labels else "Examples by split", columns, lines)


def _lengths(lengths: Sequence[Mapping[str, Any]]) -> Child:
    columns = [Column("Split"), *(Column(header, "number") for header in LENGTHS.values())]
    lines: list[list[Child]] = [[user(r["split"]), *(_count(r.get(key)) for key in LENGTHS)] for r in lengths]
    return table("Lengths of texts in characters, by split", columns, lines)


def _count(value: object) -> str:
    number = finite(value)
    return "–" if number is None else f"{number:,.0f}"
