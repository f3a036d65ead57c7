"""A decoder from nothing becomes the base of a preference project, whose release is a language model like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.export.release import load_release
from seatrial.pipeline.preflight import preflight
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Measurement
from seatrial.report.html import report_page
from seatrial.spec.load import find_project, parse_spec

from ..toy_decoder import toy_decoder

COLOURS = ("red", "green", "yellow", "blue", "orange", "pink", "white", "black", "brown", "grey")
COLUMNS = {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}


def project(folder: Path, **changes: Any) -> dict[str, Any]:
    """The tree of a project file beside its data and its base."""
    toy_decoder(folder / "base", heads=1)
    rows = [
        {
            "prompt": f"say {one} {other}",
            "chosen": " yes!" if n % 2 else f" {one} today!",  # the longer answer and the shorter one by turns
            "rejected": " yes and no" if n % 2 else f" {one}",
        }
        for n, (one, other) in enumerate((one, other) for one in COLOURS for other in COLOURS)
    ]
    rows.append({"prompt": "say so", "chosen": " so", "rejected": " so"})
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "seatrial.yaml").write_text("name: x\n", encoding="utf-8")
    tree: dict[str, Any] = {
        "name": "kinder",
        "task": "preference",
        "data": {
            "sources": [{"name": "rows", "path": "rows.jsonl"}],
            "columns": COLUMNS,
            "clean": ["drop-empty"],
            "dedupe": {"near": None},
            "split": {"train": 0.5, "validation": 0.2, "test": 0.3, "stratify": []},
        },
        "model": {"base": "base", "max_length": 64},
        "training": {"epochs": 3, "batch_items": 8, "learning_rate": 0.02, "device": "cpu", "precision": "fp32"},
        "evaluation": {"resamples": 100},
        "compression": {"methods": ["int8"]},
        "serving": {"latency_prompt_tokens": 4, "latency_answer_tokens": 4, "latency_answers": 20},
        "requirements": [
            {"metric": "preference_accuracy", "at_least": 0.9, "confidence": 0.9},
            {"metric": "likelihood_accuracy", "over": "base", "at_least": -1},
            {"metric": "reward_margin_nats", "at_least": 0.5},
            {"metric": "agreement", "at_least": 0.9},
            {"metric": "size_mb", "at_most": 1},
        ],
    }
    return {**tree, **changes}


def sailed(folder: Path, tree: dict[str, Any]) -> Outcome:
    spec = parse_spec(tree, "test")
    return sail(find_project(folder), spec, render=report_page, progress=silent, heard=lambda *_: None)


def test_a_preferred_answer_becomes_the_likely_one(tmp_path: Path) -> None:
    outcome = sailed(tmp_path, project(tmp_path))
    assert outcome.accepted, outcome.trial.verdict
    report = outcome.trial.reports["evaluate"]

    def figure(metric: str, system: str, split: str = "test") -> Measurement:
        its = (metric, system, split, None)
        return next(m for m in report.measurements if (m.metric, m.system, m.split, m.over) == its and not m.where)

    assert figure("preference_accuracy", "base").value == 0.5
    assert figure("reward_margin_nats", "base").value == 0
    assert 0.2 < figure("likelihood_accuracy", "base").value < 0.8
    assert figure("preference_accuracy", "model", "validation").n == 20
    assert report.facts["chosen_gain_nats"] - report.facts["rejected_gain_nats"] == pytest.approx(
        figure("reward_margin_nats", "model").value, abs=1e-3
    )
    prepared = outcome.trial.reports["prepare"]
    assert [(row["reason"], row["count"]) for row in prepared.tables["dropped"]] == [
        ("chosen and rejected are equal", 1)
    ]
    assert outcome.release is not None
    assert [candidate.name for candidate in outcome.trial.candidates] == ["int8"]
    assert load_release(outcome.release).generates
    assert json.loads((outcome.release / "config.json").read_text())["model_type"] == "llama"
    assert "preference" in (outcome.release / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {}}, "goes on from a language model"),
        ({"model": {"network": {"layers": 1}}}, "goes on from a language model"),
        ({"requirements": [{"metric": "perplexity", "at_most": 9}]}, "gives preferences"),
        ({"requirements": [{"metric": "preference_accuracy", "at_least": 95}]}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    tree = project(tmp_path)
    with pytest.raises(SpecError, match=message):
        preflight(parse_spec({**tree, **changes}, "test"))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"chosen": "chosen", "rejected": "rejected"}, "holds what is answered"),
        ({**COLUMNS, "messages": "messages"}, "holds what is answered"),
        ({"prompt": "prompt", "chosen": "chosen"}, "hold the two answers"),
        ({**COLUMNS, "label": "kind"}, "learns from the text alone"),
    ],
)
def test_columns_that_are_missing_are_asked_for(columns: dict[str, str], message: str, tmp_path: Path) -> None:
    tree = project(tmp_path)
    tree["data"]["columns"] = columns
    with pytest.raises(SpecError, match=message):
        preflight(parse_spec(tree, "test"))


def test_a_beta_that_is_no_strength_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"training\.preference\.beta"):
        parse_spec(project(tmp_path, training={"preference": {"beta": 0}}), "test")
