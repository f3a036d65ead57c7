from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.stages.base import write_report
from seatrial.pipeline.training_figures import training_figures
from seatrial.records import Artifact, Report


def test_the_share_that_learned_and_the_size_of_the_updates(tmp_path: Path) -> None:
    write_report(tmp_path, Report("train", facts={"trainable_parameters": 3, "parameters": 300}))
    trained = Artifact(tmp_path, "0" * 64, "train", {})
    assert {name: found.value for name, found in training_figures(trained, "x").items()} == {"trained_share": 0.01}
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "a.safetensors").write_bytes(bytes(2_000))
    found = training_figures(trained, "x")
    assert found["adapter_mb"].value == pytest.approx(0.002)
    assert (found["adapter_mb"].split, found["adapter_mb"].system) == ("service", "x")


def test_nothing_is_said_of_a_model_that_nobody_trained(tmp_path: Path) -> None:
    write_report(tmp_path, Report("train"))
    assert training_figures(Artifact(tmp_path, "0" * 64, "train", {}), "x") == {}
