"""Token classification from rows to an accepted, served release, through the stages that every task goes through."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from seatrial.export.golden import read_golden
from seatrial.export.release import load_release
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Project
from seatrial.serve.engine import Engine
from seatrial.serve.reload import check_golden
from seatrial.spec.load import parse_spec

from ..train.toy import toy_base

NAMES = {"good": "PER", "great": "PER", "awful": "LOC"}
OTHERS = ("the", "film", "was", "bad")


def rows(n: int) -> list[str]:
    """Sentences of words some of which are always names; every tenth is longer than the model reads."""
    rng = random.Random(3)
    made = []
    for index in range(n):
        count = rng.randint(3, 8) if index % 10 else 40
        tokens = [rng.choice([*NAMES, *OTHERS, *OTHERS]) for _ in range(count)]
        tags = [f"B-{NAMES[token]}" if token in NAMES else "O" for token in tokens]
        made.append(json.dumps({"tokens": tokens, "tags": tags, "half": "left" if index % 2 else "right"}))
    return made


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Outcome]:
    root = tmp_path_factory.mktemp("names")
    (root / "data.jsonl").write_text("\n".join(rows(260)) + "\n", encoding="utf-8")
    (root / "base").mkdir()
    toy_base(root / "base")
    spec = parse_spec(
        {
            "name": "names",
            "task": "token-classification",
            "labels": ["PER", "LOC"],
            "data": {
                "sources": [{"name": "data", "path": "data.jsonl"}],
                "columns": {"tokens": "tokens", "tags": "tags"},
                "slices": ["half"],
                "clean": ["drop-empty"],
                "dedupe": {"near": None},
            },
            "model": {"base": "base", "max_length": 16},
            "training": {"epochs": 4, "batch_items": 16, "learning_rate": 0.01},
            "compression": {"methods": ["fp32", "int8-block"]},
            "requirements": [
                {"metric": "entity_f1", "at_least": 0.9, "confidence": 0.95},
                {"metric": "entity_f1", "at_least": 0.9, "where": {"half": "left"}},
                {"metric": "entity_recall", "over": "gazetteer", "at_least": -0.1},
                {"metric": "agreement", "at_least": 0.5},
                {"metric": "p95_ms", "at_most": 1000},
                {"metric": "size_mb", "at_most": 5},
            ],
            "serving": {"latency_requests": 20},
        },
        "test",
    )
    project = Project(root, root / "seatrial.yaml")
    sailed = sail(project, spec, render=lambda trial: "<html></html>", progress=silent, heard=lambda *_: None)
    return project, sailed


def test_the_contract_is_met_by_entities(outcome: tuple[Project, Outcome]) -> None:
    _, sailed = outcome
    assert sailed.accepted, sailed.trial.verdict.as_dict()
    report = sailed.trial.reports["evaluate"]
    assert report.find("entity_f1") is not None
    assert report.find("entity_f1", where={"half": "right"}) is not None
    assert report.find("entity_f1", system="gazetteer") is not None
    assert [row["label"] for row in report.tables["per_label"]] == ["PER", "LOC"]
    assert {row["label"] for row in sailed.trial.reports["prepare"].tables["splits"]} == {"PER", "LOC"}
    assert sailed.trial.dimensions is None


def test_the_release_answers_texts_of_any_length(outcome: tuple[Project, Outcome]) -> None:
    project, _ = outcome
    engine = Engine(load_release(project.release), 1)
    words = ["the", "good", "film", "awful"] * 30
    text = " ".join(words)
    reading = engine.read([text, "the film"])
    assert reading.spans[0][1] > 5, "several windows"
    outputs = engine.join(reading, engine.parts(reading.windows))
    found = engine.describe(outputs[0], text)["entities"]
    assert len(found) >= 0.9 * 60
    assert all(text[entity["start"] : entity["end"]] == entity["text"] for entity in found)
    assert {(entity["text"], entity["label"]) for entity in found} == {("good", "PER"), ("awful", "LOC")}
    check_golden(engine)


def test_golden_answers_are_per_piece(outcome: tuple[Project, Outcome]) -> None:
    project, _ = outcome
    golden = read_golden(project.release)
    assert golden is not None
    assert golden.labels == ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert all(
        output.shape == (len(text.split()), 5) for text, output in zip(golden.texts, golden.outputs, strict=True)
    )
    assert golden.differs([1 - np.asarray(output) for output in golden.outputs]) is not None


def test_transformers_opens_the_release_by_itself(outcome: tuple[Project, Outcome]) -> None:
    from transformers import pipeline

    project, _ = outcome
    find = pipeline("token-classification", model=str(project.release), aggregation_strategy="simple", device="cpu")
    assert {(found["word"], found["entity_group"]) for found in find("the good film was awful")} == {
        ("good", "PER"),
        ("awful", "LOC"),
    }
