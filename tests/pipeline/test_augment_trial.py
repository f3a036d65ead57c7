"""A model trained with augmentation and without: the same examples and seeds, and a paired interval on validation."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seatrial.errors import SpecError
from seatrial.pipeline.augment_trial import augmentation_trial
from seatrial.progress import silent
from seatrial.records import Measurement
from seatrial.spec.data_augment import Augmentation
from seatrial.spec.load import parse_spec
from seatrial.spec.project import ProjectSpec

from ..train.toy import toy_base, toy_examples

pytestmark = pytest.mark.slow


@pytest.fixture
def spec(tmp_path: Path) -> ProjectSpec:
    (tmp_path / "base").mkdir()
    toy_base(tmp_path / "base")
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows([f"{e.inputs['text']} {place}", e.label] for place, e in enumerate(toy_examples(200, 1)))
    return parse_spec(
        {
            "name": "toy",
            "data": {
                "sources": [{"name": "data", "path": "data.csv"}],
                "columns": {"label": "label"},
                "dedupe": {"near": None},
                "augment": [{"method": "typos", "share": 1.0}],
            },
            "model": {"base": "base", "max_length": 20},
            "training": {"epochs": 1, "learning_rate": 5e-3, "batch_items": 8, "precision": "fp32", "threads": 1},
            "evaluation": {"resamples": 200},
            "requirements": [{"metric": "accuracy", "at_least": 0.5}],
        },
        "toy",
    )


def test_each_way_is_measured_beside_none(spec: ProjectSpec, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    ways = {"again": [Augmentation(method="repeat", share=1.0)]}
    report = augmentation_trial(spec, tmp_path, ways, seeds=[1, 2], train_examples=60, work=work, progress=silent)
    assert [(m.system, m.over, m.n, m.split) for m in report.measurements] == [
        ("without", None, 20, "validation"),
        ("again", None, 20, "validation"),
        ("again", "without", 20, "validation"),
    ]
    without, again, gain = report.measurements
    assert gain.value == pytest.approx(again.value - without.value)
    assert isinstance(gain, Measurement)
    assert gain.interval is not None
    assert gain.interval.low <= gain.value <= gain.interval.high
    by_way = [row["value"] for row in report.tables["seeds"] if row["way"] == "again"]
    assert sum(by_way) / 2 == pytest.approx(again.value)
    assert [(row["way"], row["examples"], row["augmented"]) for row in report.tables["made"]] == [
        ("without", 60, 0),
        ("again", 60, 60),
    ] * 2
    assert [path.name for path in work.iterdir()] == ["data"], "models are removed"


def test_a_task_without_training_has_nothing_to_compare(spec: ProjectSpec, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="trains nothing"):
        augmentation_trial(
            spec.model_copy(update={"task": "embedding"}), tmp_path, {}, seeds=[1], work=tmp_path, progress=silent
        )
