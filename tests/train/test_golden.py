"""Short seeded curves of label tasks, as they were before: on the machine that wrote them, to the last bit.

`tests/golden/label_curves.json` is written anew by SEATRIAL_WRITE_GOLDEN=1, for a change that is meant to change
numbers. Another CPU adds in another order, so elsewhere the curves are only close.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact.machine import cpu, versions
from seatrial.records import Report

from .toy import toy_examples, toy_fit, toy_spec

CURVES = Path(__file__).parents[1] / "golden" / "label_curves.json"
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
    found = curve(toy_fit(base, tmp_path, toy_spec(epochs=2, **RUNS[name]), train=toy_examples(48, 1)))
    here = {"cpu": cpu(), **versions(("torch", "transformers", "numpy"))}
    kept: dict[str, Any] = json.loads(CURVES.read_text(encoding="utf-8")) if CURVES.exists() else {}
    if os.environ.get("SEATRIAL_WRITE_GOLDEN"):
        kept = {**kept, "machine": here, name: found}
        CURVES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if kept["machine"] == here:
        assert found == kept[name]
    else:
        assert [pytest.approx(row, rel=0.05, abs=0.02) for row in kept[name]] == found
