"""Curves are thinned without losing their end, and settings are listed by dotted name."""

from __future__ import annotations

from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.train.position import Position
from seatrial.train.summary import summary, thinned


def points(n: int) -> list[dict[str, float]]:
    return [{"step": step, "loss": float(step)} for step in range(1, n + 1)]


def test_short_curves_stay_as_they_are() -> None:
    assert thinned(points(3), 3) == points(3)
    assert thinned([], 3) == []


def test_long_curves_keep_their_last_step_and_mean_loss() -> None:
    assert thinned(points(7), 3) == [{"step": 1, "loss": 1.0}, {"step": 4, "loss": 3.0}, {"step": 7, "loss": 6.0}]


def test_the_report_has_what_the_page_reads() -> None:
    report = summary(
        TrainingSpec(),
        ModelSpec(),
        steps=points(2),
        validations=[
            {"step": 1, "epoch": 0.5, "loss": 0.6, "accuracy": 0.8, "best": True},
            {"step": 2, "epoch": 1.0, "loss": 0.5, "accuracy": 0.9, "best": True},
        ],
        position=Position(step=2, best_step=2, seconds=1.234, stopped="all epochs done"),
        facts={"device": "cpu"},
    )
    settings = {row["name"]: row["value"] for row in report.tables["settings"]}
    assert settings["training.lora.rank"] == 16
    assert settings["model.max_length"] == 128
    assert [record["best"] for record in report.series["validations"]] == [False, True]
    assert report.facts == {
        "seconds": 1.23,
        "epochs_done": 1.0,
        "best_step": 2,
        "stopped": "all epochs done",
        "device": "cpu",
    }
