"""The parts of the card that quote figures: evaluation, opponents, slices, limitations, calibration, data, lineage.

Every number is one that the trial holds, rounded; nothing is summed or derived here, so that each can be looked up.
A part without figures is an empty string and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.govern import findings
from seatrial.govern.figures import (
    beside,
    bound,
    capital,
    confidence,
    figure,
    finite,
    interval,
    metric_name,
    name,
    requirement_name,
    slice_name,
)
from seatrial.govern.markdown import code, escape, table
from seatrial.records import SPLITS, Trial

__all__ = [
    "calibration",
    "contract",
    "data",
    "environment",
    "evaluation",
    "limitations",
    "lineage",
    "opponents",
    "slices",
]


def contract(trial: Trial) -> str:
    """The requirement table."""
    lines = []
    for result in trial.verdict.results:
        asked = result.requirement
        signed = asked.over is not None and not asked.ratio
        lines.append(
            [
                requirement_name(asked),
                ("≥ " if asked.comparator == ">=" else "≤ ") + bound(asked.metric, asked.bound, signed=signed),
                beside(asked.metric, result.measured, asked.bound, signed=signed),
                interval(asked.metric, result.interval, signed=signed),
                "yes" if result.met else "no",
            ]
        )
    return table(["Requirement", "Bound", "Measured", "Interval", "Met"], lines) if lines else ""


def evaluation(trial: Trial) -> str:
    """Every metric on the whole test split."""
    found = [m for m in findings.figures_of_model(trial) if m.over is None and not m.where]
    if not found:
        return ""
    lines = [
        [capital(metric_name(m.metric)), figure(m.metric, m.value), interval(m.metric, m.interval), m.n] for m in found
    ]
    levels = list(dict.fromkeys(confidence(m.interval.confidence) for m in found if m.interval))
    said = f"\n\nIntervals are bootstrap intervals at {', '.join(levels)} confidence." if levels else ""
    return table(["Metric", "Value", "Interval", "Examples"], lines) + said


def opponents(trial: Trial) -> str:
    """The headline metric of the opponents on the same examples."""
    metric = findings.headline(trial)
    others = findings.opponents(trial, metric, {}) if metric else []
    if metric is None or not others:
        return ""
    ours = findings.measured_on(findings.figures_of_model(trial), metric, {})
    everyone = [("this model", ours)] if ours else []
    everyone += [(m.system, m) for m in others]
    lines = [[who, figure(metric, m.value), interval(metric, m.interval)] for who, m in everyone]
    return table(["System", capital(metric_name(metric)), "Interval"], lines)


def slices(trial: Trial) -> str:
    """The headline metric on every slice."""
    metric = findings.headline(trial)
    found = [m for m in findings.figures_of_model(trial) if m.metric == metric and m.over is None and m.where]
    if metric is None or not found:
        return ""
    lines = [[slice_name(m.where), figure(metric, m.value), interval(metric, m.interval), m.n] for m in found]
    return table(["Slice", capital(metric_name(metric)), "Interval", "Examples"], lines)


def limitations(trial: Trial) -> str:
    """Where the figures say that the model is weak."""
    said = []
    for m in findings.weak_slices(trial):
        where, around = escape(slice_name(m.where)), f" ({interval(m.metric, m.interval)})" if m.interval else ""
        value = f"{metric_name(m.metric)} {figure(m.metric, m.value)}{around}"
        said.append(f"- Weaker where {where}: {value} on {m.n} examples.")
    verb, answer = ("Takes", "label") if trial.dimensions is None else ("By its neighbours, takes", "vector")
    said += [
        f"- {verb} “{escape(name(row['label']))}” for “{escape(name(row['predicted']))}” in {row['count']} examples."
        for row in findings.common_confusions(trial)
    ]
    said += [
        f"- A text's answer depends a little on the texts that are computed with it: of {row['alone']} validation "
        f"texts, {row['changed']} got another {answer} alone than among others."
        for row in findings.rows(trial, "compress", "parity")
        if row["candidate"] == trial.verdict.candidate and row.get("changed")
    ]
    said += [
        f"- Requirement not met: {escape(requirement_name(result.requirement))}." for result in trial.verdict.missed
    ]
    return "\n".join(said)


def calibration(trial: Trial) -> str:
    """Temperature and calibration error before and after."""
    report = trial.reports.get("evaluate")
    facts: Mapping[str, Any] = report.facts if report else {}
    if finite(facts.get("ece_after")) is None:
        return ""
    before = facts.get("ece_before")
    moved = f"from {figure('ece', before)} to " if finite(before) is not None else "to "
    return (
        f"Logits are divided by the temperature {figure('temperature', facts.get('temperature'))}, fitted on the "
        "validation split; on the test split this moved the expected calibration error "
        f"{moved}{figure('ece', facts['ece_after'])}."
    )


def data(trial: Trial) -> str:
    """Examples by label and split, sources, and what was dropped and why."""
    parts = []
    splits = findings.rows(trial, "prepare", "splits")
    if splits:
        counts = {(row["split"], row["label"]): row["count"] for row in splits}
        rows = [(label, label) for label in trial.labels] or [("", "all")]
        lines = [[shown, *(counts.get((split, label), "–") for split in SPLITS)] for label, shown in rows]
        parts.append(table(["Label" if trial.labels else "Examples", *(split.capitalize() for split in SPLITS)], lines))
    sources = findings.rows(trial, "prepare", "sources")
    if sources:
        parts.append(table(["Source", "Rows"], [[row["source"], row["rows"]] for row in sources]))
    dropped = findings.rows(trial, "prepare", "dropped")
    if dropped:
        parts.append(table(["Dropped because", "Count"], [[row["reason"], row["count"]] for row in dropped]))
    return "\n\n".join(parts)


def environment(trial: Trial) -> str:
    """The machine that every figure of speed belongs to, and the versions."""
    machine: Mapping[str, Any] = trial.lineage.get("machine") or {}
    named = {"cpu": "CPU", "cores": "cores", "memory_gb": "memory in GB"}
    said = [f"{title}: {escape(machine[key])}" for key, title in named.items() if machine.get(key) not in (None, "")]
    flags = machine.get("cpu_flags") or ()
    if flags:
        said.append("CPU flags: " + escape(" ".join(map(str, flags))))
    versions = machine.get("versions") or {}
    if versions:
        said.append("versions: " + escape(", ".join(f"{package} {version}" for package, version in versions.items())))
    return "\n".join(f"- {line}" for line in said)


def _base(base: Mapping[str, Any]) -> str:
    """Which model training went on from."""
    said = f"Base model: {code(base['model'])}, digest {code(base['digest'])}."
    if base.get("release"):
        said += (
            f" It is the release of {escape(base.get('project') or 'another project')}"
            f" ({escape(base.get('task') or 'unknown task')}), digest {code(base['release'])}."
        )
    return said


def lineage(trial: Trial) -> str:
    """Digests of every stage, the base model, seeds, and how often the test split was used."""
    stages: Mapping[str, Any] = trial.lineage.get("stages") or {}
    lines = [[stage, found.get("digest", "–")] for stage, found in stages.items()]
    parts = [table(["Stage", "Digest"], lines)] if lines else []
    base: Mapping[str, Any] = trial.lineage.get("base") or {}
    if base:
        parts.append(_base(base))
    seeds: Mapping[str, Any] = trial.lineage.get("seeds") or {}
    if seeds:
        parts.append("Seeds: " + escape(", ".join(f"{key} {value}" for key, value in seeds.items())) + ".")
    parts.append(
        f"Model files of this project that this test split has judged: {trial.test_uses}. "
        "With every further one its figures become a little too favourable."
    )
    return "\n\n".join(parts)
