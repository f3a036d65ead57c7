"""Short seeded curves of language models from nothing, as they were before; see `curves`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatrial.records import Report

from .curves import assert_as_before
from .toy_language import toy_language_fit

RUNS: dict[str, dict[str, Any]] = {
    "packed": {"steps": 20, "epochs": None},
    "accumulated": {"accumulate": 2, "gradient_checkpointing": True},
    "gaps": {"fill_in_middle": 0.5, "weight_decay": 0.1},
}


def curve(report: Report) -> list[list[float]]:
    """Loss, gradient norm and rate of each step, then loss and bits per byte of each validation."""
    steps = [[step["loss"], step["grad_norm"], step["learning_rate"]] for step in report.series["steps"]]
    return [*steps, *([found["loss"], found["bits_per_byte"]] for found in report.series["validations"])]


@pytest.mark.parametrize("name", list(RUNS))
def test_a_language_model_learns_as_it_did(name: str, tmp_path: Path) -> None:
    found = curve(toy_language_fit(tmp_path, **RUNS[name]))
    assert found[-1][0] < found[0][0], "it learns at all"
    assert_as_before("language_curves.json", name, found)
