"""What the datasheet says from the record: sources, counts, cleaning, copies, drops, augmentation, digests.

Each function gives Markdown, or an empty string where nothing is known. Nothing is derived that `prepare`
did not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import finite
from seatrial.govern.findings import rows
from seatrial.govern.markdown import code, escape, table
from seatrial.records import SPLITS, Trial

__all__ = [
    "augmented", "cleaning", "copies", "counts", "division", "dropped", "quality", "ratings", "slices", "sources",
    "version",
]  # fmt: skip

PREPARE = "prepare"
MAX_ROWS = 30
METHODS = {
    "stratified": "by shares with the same mix in each",
    "group": "by groups, each whole in one split",
    "time": "by time, train before validation before test",
    "hash": "by a hash of each row, so that no row moves when others are added",
}


def sources(trial: Trial, data: Mapping[str, Any]) -> str:
    """Where rows were read from, with pins, and how many."""
    read = {row["source"]: row for row in rows(trial, PREPARE, "sources")}
    lines = []
    for source in data.get("sources") or ():
        row = read.get(source.get("name"), {})
        pin = (source.get("sha256") or source.get("revision") or "")[:12]
        lines.append(
            [source.get("name", ""), _place(source), pin, _count(row.get("rows")), _count(row.get("bad_rows"))]
        )
    return table(["Source", "From", "Pinned to", "Rows", "Unreadable"], lines) if lines else ""


def counts(trial: Trial) -> str:
    """Examples by label and split."""
    found = rows(trial, PREPARE, "splits")
    if not found:
        return ""
    by = {(row["split"], row["label"]): row["count"] for row in found}
    labels = [(label, label) for label in trial.labels] or [("", "all")]
    lines = [[shown, *(_count(by.get((split, label))) for split in SPLITS)] for label, shown in labels]
    return table(["Label" if trial.labels else "Examples", *(split.capitalize() for split in SPLITS)], lines)


def slices(trial: Trial) -> str:
    """Examples by slice and split."""
    found = rows(trial, PREPARE, "slices")[:MAX_ROWS]
    lines = [[f"{row['slice']} {row['value']}", *(_count(row.get(split)) for split in SPLITS)] for row in found]
    return table(["Slice", *(split.capitalize() for split in SPLITS)], lines) if lines else ""


def division(trial: Trial, data: Mapping[str, Any]) -> str:
    """How the splits were made, and what leaks between them."""
    split: Mapping[str, Any] = data.get("split") or {}
    if not split:
        return ""
    if split.get("column"):
        said = [f"By the data's own column {code(split['column'])}."]
    else:
        method = str(split.get("method", "stratified"))
        shares = ", ".join(f"{name} {split[name]:g}" for name in SPLITS if finite(split.get(name)) is not None)
        said = [f"{METHODS.get(method, escape(method)).capitalize()}; shares: {shares}."]
        said += [f"Part {split['fold']} of {split['folds']} is the test split."] if split.get("folds") else []
    said += [f"The {part} is in the column {code(split[part])}." for part in ("group", "time") if split.get(part)]
    leaks = _facts(trial).get("leaks")
    if isinstance(leaks, Mapping):
        named = ", ".join(f"{escape(kind)} {count}" for kind, count in leaks.items())
        said.append(f"In more than one split, as was allowed: {named}." if named else "No leak between them was found.")
    return " ".join(said)


def quality(trial: Trial, data: Mapping[str, Any]) -> str:
    """How good each rater is, and whether anybody looked for personal data. Raters are numbered: names are theirs."""
    parts = []
    lines = [
        [str(number), *(_cell(row.get(column)) for column in ("ratings", "accuracy"))]
        for number, row in enumerate(rows(trial, PREPARE, "raters")[:MAX_ROWS], start=1)
    ]
    if lines:
        parts.append("How good each rater is:\n\n" + table(["rater", "ratings", "accuracy"], lines))
    if not _redacts(data):
        parts.append("Personal data was not masked: no cleaning step does that.")
    return "\n\n".join(parts)


def ratings(data: Mapping[str, Any]) -> str:
    """How the ratings of several people became labels."""
    if not (data.get("columns") or {}).get("ratings"):
        return ""
    asked: Mapping[str, Any] = data.get("ratings") or {}
    said = "; ".join(f"{escape(key.replace('_', ' '))}: {escape(value)}" for key, value in asked.items() if value)
    return f"Each example was rated by several people; the shares of their votes are kept. Settings: {said}."


def cleaning(trial: Trial, data: Mapping[str, Any]) -> str:
    """The steps in order, and how often each changed something."""
    steps: Sequence[Any] = data.get("clean") or ()
    if not steps:
        return "They were not."
    named = ", ".join(code(step if isinstance(step, str) else next(iter(step))) for step in steps)
    found = rows(trial, PREPARE, "cleaned")[:MAX_ROWS]
    lines = [[row["step"], row["change"], _count(row["count"])] for row in found]
    return f"In order: {named}." + ("\n\n" + table(["Step", "Change", "Texts"], lines) if lines else "")


def copies(trial: Trial, data: Mapping[str, Any]) -> str:
    """What was looked for, and how much was found."""
    asked, found = data.get("dedupe") or {}, _facts(trial)
    said = []
    if asked.get("exact"):
        said.append(
            f"Exact copies were left out: {_count(found.get('exact_copies'))}, "
            f"of these {_count(found.get('conflicting_copies'))} for their labels."
        )
    if asked.get("near") is not None:
        said.append(
            f"Near copies (Jaccard similarity {asked['near']:g} or more): {_count(found.get('near_copies'))} examples "
            f"in {_count(found.get('near_copy_clusters'))} clusters."
        )
    return " ".join(said) or "They were not looked for."


def dropped(trial: Trial) -> str:
    """Reasons and counts."""
    found = rows(trial, PREPARE, "dropped")[:MAX_ROWS]
    lines = [[row["reason"], row["step"], _count(row["count"])] for row in found]
    return table(["Reason", "Step", "Count"], lines) if lines else "Nothing."


def augmented(trial: Trial, data: Mapping[str, Any]) -> str:
    """How many training examples were made from others, and how."""
    if not data.get("augment"):
        return "No."
    found = rows(trial, PREPARE, "augmented")
    lines = [[row["method"], row["label"], _count(row["made"])] for row in found]
    said = "Yes, for the training split only; each is marked with what it was made from, and is not counted above."
    return f"{said}\n\n{table(['Method', 'Label', 'Made'], lines)}" if lines else said


def version(trial: Trial) -> str:
    """The digest of the prepared data set."""
    stages: Mapping[str, Any] = trial.lineage.get("stages") or {}
    digest = (stages.get(PREPARE) or {}).get("digest")
    return f"The digest of the prepared data set: {code(digest)}." if digest else ""


def _facts(trial: Trial) -> Mapping[str, Any]:
    report = trial.reports.get(PREPARE)
    return report.facts if report else {}


def _place(source: Mapping[str, Any]) -> str:
    for key in ("package", "hub", "path"):
        if source.get(key):
            return f"{key} {source[key]}"
    return "a database query" if source.get("sql") else ""


def _redacts(data: Mapping[str, Any]) -> bool:
    names = [step if isinstance(step, str) else next(iter(step), "") for step in data.get("clean") or ()]
    return "redact" in names


def _count(value: object) -> str:
    number = finite(value)
    return "–" if number is None else f"{number:.0f}"


def _cell(value: object) -> str:
    number = finite(value)
    if number is None:
        return "–" if value is None else str(value)
    return f"{number:.3f}" if isinstance(value, float) else str(value)
