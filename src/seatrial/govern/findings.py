"""What stands out in a trial: the headline figure, the strongest opponent, the weakest slices, the usual confusions.

Every number handed out is one that the trial holds; nothing is measured here. Refuses to know how it will be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import LOWER_IS_BETTER, finite, name
from seatrial.records import Candidate, Interval, Measurement, RequirementResult, Trial
from seatrial.tasks import TASKS

__all__ = [
    "common_confusions",
    "decisive",
    "differences",
    "figures_of_model",
    "headline",
    "is_served",
    "kind_of_model",
    "measured_on",
    "opponents",
    "released",
    "rows",
    "shortfall",
    "weak_slices",
    "writing_speed",
]

MIN_SLICE = 20
"""Fewer examples than this say too little about a slice to call it weak."""


def rows(trial: Trial, stage: str, table: str, kind: str = "tables") -> Sequence[Mapping[str, Any]]:
    """A table (or, with ``kind="series"``, a series) of a stage; empty where the stage or the table is missing."""
    report = trial.reports.get(stage)
    if report is None:
        return ()
    return (report.tables if kind == "tables" else report.series).get(table) or ()


def kind_of_model(trial: Trial) -> str:
    """What the model is, with its article: ``a text classification model with 3 labels``."""
    task = name(trial.task).removesuffix("-lm").replace("-", " ")
    article = "an" if task[:1].lower() in "aeiou" else "a"
    if trial.task.endswith("-lm"):
        return f"{article} {task} language model"
    if not trial.labels and trial.dimensions is None:
        return f"{article} {task} model"
    gives = f"{len(trial.labels)} labels" if len(trial.labels) != 1 else "one label"
    if trial.dimensions is not None:
        gives = f"vectors of {trial.dimensions} numbers"
    return f"{article} {task} model with {gives}"


def is_served(trial: Trial) -> bool:
    """Whether the release holds something that a service runs: its model file is an ONNX graph. Without a candidate the
    task says so; a trial of a plugin that is gone had one."""
    candidate = released(trial)
    if candidate is not None:
        return candidate.file.endswith(".onnx")
    return trial.task not in TASKS or TASKS.get(trial.task).exported


def writing_speed(trial: Trial) -> Mapping[str, Any] | None:
    """What the running service was measured to write: the row of the candidate that the verdict is about, with
    `tokens_per_s`, `ttft_p50_ms` and so on; None for a model that writes nothing."""
    measured = rows(trial, "accept", "latency")
    return next((r for r in measured if r["candidate"] == trial.verdict.candidate and "tokens_per_s" in r), None)


def released(trial: Trial) -> Candidate | None:
    """The candidate that the verdict is about."""
    return next((c for c in trial.candidates if c.name == trial.verdict.candidate), None)


def figures_of_model(trial: Trial) -> tuple[Measurement, ...]:
    """What was measured on the test split of the candidate that the verdict is about, differences included."""
    report = trial.reports.get("evaluate")
    return tuple(m for m in (report.measurements if report else ()) if m.system == "model" and m.split == "test")


def headline(trial: Trial) -> str | None:
    """The metric that stands for quality: the first that was measured, as the task or the project file orders them."""
    return next((m.metric for m in figures_of_model(trial) if m.over is None), None)


def measured_on(found: Sequence[Measurement], metric: str, where: Mapping[str, str]) -> Measurement | None:
    """The plain measurement of `metric` on exactly this slice, or None."""
    return next((m for m in found if m.metric == metric and m.over is None and dict(m.where) == dict(where)), None)


def opponents(trial: Trial, metric: str, where: Mapping[str, str]) -> list[Measurement]:
    """The opponents' figures on exactly this slice, best first; those without a figure are left out."""
    report = trial.reports.get("evaluate")
    found = [
        m
        for m in (report.measurements if report else ())
        if m.metric == metric and m.split == "test" and m.over is None and dict(m.where) == dict(where)
        if m.system != "model" and finite(m.value) is not None
    ]
    return sorted(found, key=lambda m: m.value, reverse=metric not in LOWER_IS_BETTER)


def differences(trial: Trial) -> list[Measurement]:
    """The model's measured leads over its opponents."""
    return [m for m in figures_of_model(trial) if m.over is not None]


def weak_slices(trial: Trial, limit: int = 3) -> list[Measurement]:
    """The slices with the worst headline figure that are worse than the whole, worst first."""
    metric, found = headline(trial), figures_of_model(trial)
    whole = measured_on(found, metric, {}) if metric else None
    if metric is None or whole is None or finite(whole.value) is None:
        return []
    sign = -1 if metric in LOWER_IS_BETTER else 1
    worse = [
        m
        for m in found
        if m.metric == metric and m.over is None and m.where and m.n >= MIN_SLICE
        if finite(m.value) is not None and sign * m.value < sign * whole.value
    ]
    return sorted(worse, key=lambda m: sign * m.value)[:limit]


def common_confusions(trial: Trial, limit: int = 3) -> list[Mapping[str, Any]]:
    """The most frequent cells of the confusion matrix off its diagonal."""
    wrong = [r for r in rows(trial, "evaluate", "confusion") if r["label"] != r["predicted"] and finite(r["count"])]
    return sorted(wrong, key=lambda r: -r["count"])[:limit]


def decisive(result: RequirementResult) -> float | None:
    """The number held against the bound: the interval's unfavourable end where a confidence is asked for."""
    if result.requirement.confidence is None:
        return finite(result.measured)
    found: Interval | None = result.interval
    if found is None:
        return None
    return finite(found.low if result.requirement.comparator == ">=" else found.high)


def shortfall(result: RequirementResult) -> float | None:
    """How far the decisive number is on the wrong side of the bound; negative is a margin; None if not measured."""
    value = decisive(result)
    if value is None:
        return None
    gap = result.requirement.bound - value
    return gap if result.requirement.comparator == ">=" else -gap
