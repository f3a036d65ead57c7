"""A finished run's records → the stage's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.records import Report
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.train.position import Position

__all__ = ["summary", "thinned"]

MAX_POINTS = 1000
"""Points of a curve in the report; `history.jsonl` has every step."""


def summary(
    spec: TrainingSpec,
    model_spec: ModelSpec,
    *,
    steps: Sequence[Mapping[str, Any]],
    validations: Sequence[Mapping[str, Any]],
    position: Position,
    facts: Mapping[str, Any],
) -> Report:
    """The report of `train`.

    Args:
        spec: how it was trained.
        model_spec: what was trained.
        steps: one mapping per optimizer step.
        validations: one per validation.
        position: where the run ended.
        facts: what the run knows beside its records: device, precision, parameters.
    """
    settings = {**_flat("model", model_spec.model_dump()), **_flat("training", spec.model_dump())}
    return Report(
        stage="train",
        tables={"settings": [{"name": name, "value": value} for name, value in settings.items()]},
        series={
            "steps": thinned(steps, MAX_POINTS),
            # In the history `best` says best so far; in the report, that this one was kept.
            "validations": [{**record, "best": record["step"] == position.best_step} for record in validations],
        },
        facts={
            "seconds": round(position.seconds, 2),
            "epochs_done": round(validations[-1]["epoch"], 2),
            "best_step": position.best_step,
            "stopped": position.stopped,
            **facts,
        },
    )


def thinned(points: Sequence[Mapping[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most `most` of the points, evenly spaced, with the last one; a loss is the mean of those it stands for."""
    stride = -(-len(points) // most) or 1
    result = []
    for end in range(len(points), 0, -stride):
        group = points[max(0, end - stride) : end]
        result.append({**group[-1], "loss": sum(point["loss"] for point in group) / len(group)})
    return result[::-1]


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings under dotted names."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        result |= _flat(f"{prefix}.{name}", value) if isinstance(value, Mapping) else {f"{prefix}.{name}": value}
    return result
