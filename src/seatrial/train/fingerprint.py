"""What decides a run's result, as one digest: a checkpoint of another run must never be continued."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seatrial.artifact.digest import json_digest
from seatrial.artifact.machine import machine
from seatrial.reference import model_digest
from seatrial.spec.training import ModelSpec, TrainingSpec

__all__ = ["run_fingerprint"]


def run_fingerprint(
    spec: TrainingSpec,
    model_spec: ModelSpec,
    *,
    task: str,
    base: Path,
    labels: Sequence[str],
    data: str,
    seed: int,
) -> str:
    """SHA-256 over settings, base model, tokenized data, targets, seed and the versions that shape numbers.

    Args:
        spec: how often checkpoints are written is left out, for it changes no weight; so is how the work is divided,
            for a run may go on with more or fewer processes.
        model_spec: likewise without `base`, whose contents count and not its name.
        task: name.
        base: the pretrained model's folder.
        labels: names in order.
        data: digest of everything that is learned from and validated on, as the objective gives it.
        seed: of the run.
    """
    return json_digest(
        {
            "training": spec.model_dump(mode="json", exclude={"checkpoint_seconds", "distributed"}),
            "model": model_spec.model_dump(mode="json", exclude={"base", "revision"}),
            "base": model_digest(base),
            "task": task,
            "labels": list(labels),
            "data": data,
            "seed": seed,
            "versions": machine()["versions"],
        }
    )
