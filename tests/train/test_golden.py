"""Short seeded curves of label tasks, as they were before; see `curves`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatrial.records import Report

from .curves import assert_as_before
from .toy import toy_examples, toy_fit, toy_spec

RUNS: dict[str, dict[str, Any]] = {
    "plain": {},
    "balanced": {"class_weights": "balanced", "soft_targets": False},
    "head": {"adapt": "head", "validations_per_epoch": 2},
}


def curve(report: Report) -> list[list[float]]:
    """Loss and gradient norm of each step, then loss and accuracy of each validation."""
    steps = [[step["loss"], step["grad_norm"], step["learning_rate"]] for step in report.series["steps"]]
    return [*steps, *([found["loss"], found["accuracy"]] for found in report.series["validations"])]


@pytest.mark.parametrize("name", list(RUNS))
def test_a_label_task_learns_as_it_did(name: str, base: Path, tmp_path: Path) -> None:
    report = toy_fit(base, tmp_path, toy_spec(epochs=2, **RUNS[name]), train=toy_examples(48, 1))
    assert_as_before("label_curves.json", name, curve(report))
