"""The Hub metadata at the head of the card: licence, language, tags and the results, as safely quoted YAML.

Refuses to know the body of the card. Only figures that the trial holds are written, and only finite ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from seatrial.govern.figures import finite, metric_name, printable, slice_name
from seatrial.govern.findings import figures_of_model, is_served
from seatrial.records import Measurement, Trial
from seatrial.tasks import TASKS

__all__ = ["front_matter"]


def front_matter(trial: Trial) -> str:
    """The YAML block, with its dashes."""
    spec = trial.lineage.get("spec") or {}
    tag, library = _hub(trial)
    results = _results(trial)
    data: dict[str, Any] = {
        "license": _line(spec.get("license") or "other"),
        "language": [_line(code) for code in spec.get("language") or ()],
        "library_name": library,
        "pipeline_tag": tag,
        "tags": ["seatrial", tag, *(("onnx", "onnxruntime") if is_served(trial) else ())],
        "base_model": _base_model(spec.get("model") or {}),
        "model-index": [{"name": _line(trial.project), "results": results}] if results else [],
    }
    kept = {key: value for key, value in data.items() if value}
    text: str = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n"


def _hub(trial: Trial) -> tuple[str, str]:
    """The Hub's name for the task, and the library that opens the release; a trial of a plugin that is gone is its own
    name."""
    if trial.task not in TASKS:
        return trial.task, "transformers"
    task = TASKS.get(trial.task)
    return task.hub_tag, task.hub_library


def _base_model(model: Mapping[str, Any]) -> str | None:
    """The base as a Hub id. Only a revision proves it to be one: `runs/mine` may as well be a folder."""
    return _line(model["base"]) if model.get("base") and model.get("revision") else None


def _line(text: object) -> str:
    """A user's text on one line: some readers of the head look for dashes at the start of a line."""
    return " ".join(printable(text).split())


def _results(trial: Trial) -> list[dict[str, Any]]:
    """One result for the whole test split and one for each slice that the contract names."""
    places: list[dict[str, str]] = [{}]
    for result in trial.verdict.results:
        where = dict(result.requirement.where)
        if result.requirement.split == "test" and where not in places:
            places.append(where)
    found = figures_of_model(trial)
    results = []
    for where in places:
        here = [m for m in found if m.over is None and dict(m.where) == dict(where) and finite(m.value) is not None]
        if here:
            name = _line(trial.project) + (f" where {slice_name(where)}" if where else "")
            results.append(
                {
                    "task": {"type": _hub(trial)[0], "name": trial.task.replace("-", " ").capitalize()},
                    "dataset": {"type": _line(trial.project), "name": _line(f"{name} (held out)"), "split": "test"},
                    "metrics": [_metric(m) for m in here],
                }
            )
    return results


def _metric(measurement: Measurement) -> dict[str, Any]:
    """A metric under the Hub's name: averages are arguments there."""
    kind, _, average = measurement.metric.rpartition("_")
    named = {"name": metric_name(measurement.metric), "value": measurement.value}
    if average in {"macro", "micro", "weighted"}:
        return {"type": kind, **named, "args": {"average": average}}
    return {"type": measurement.metric, **named}
