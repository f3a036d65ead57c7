from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from seatrial.evaluate.evaluate import evaluate
from seatrial.evaluate.evidence import Predictions
from seatrial.evaluate.measure import measure
from seatrial.records import Report
from seatrial.tasks.text_classification import TextClassification

LABELS = ("negative", "neutral", "positive")
METRICS = ("accuracy", "f1_macro", "roc_auc", "ece", "brier", "log_loss")
SETTINGS = {"labels": LABELS, "metrics": METRICS, "resamples": 100, "seed": 1}


@pytest.fixture
def said(example, random_case):
    probabilities, truth = random_case(0, n=120)
    examples = [
        example(LABELS[label], domain="ab"[i % 2], agreed="yes" if i % 3 else "no") for i, label in enumerate(truth)
    ]
    uncalibrated = probabilities**2 / (probabilities**2).sum(axis=1, keepdims=True)
    answers = TextClassification().said(probabilities, probabilities, examples, LABELS)
    return Predictions("test", examples, truth, probabilities, uncalibrated, [5 + i for i in range(120)], answers)


@pytest.fixture
def opponents(random_case):
    probabilities = random_case(9, n=120)[0]
    return {"tfidf-logreg": probabilities, "vader": np.eye(3)[probabilities.argmax(axis=1)]}


def test_measures_all_that_was_asked(said, opponents):
    asked = {"domain": "a", "agreed": "yes"}
    report = evaluate(said, opponents, asked=[asked], **SETTINGS)
    for where in ({}, {"domain": "a"}, {"domain": "b"}, {"agreed": "yes"}, {"agreed": "no"}, asked):
        for metric in METRICS:
            assert report.find(metric, where=where).interval is not None
            assert report.find(metric, where=where, system="tfidf-logreg") is not None
            assert report.find(metric, where=where, over="tfidf-logreg") is not None
        assert report.find("f1_macro", where=where, system="vader") is not None
        assert report.find("log_loss", where=where, system="vader") is None
        assert report.find("log_loss", where=where, over="vader") is None
    assert report.find("accuracy", where={"domain": "b", "agreed": "yes"}) is None
    keys = [(m.metric, m.split, tuple(m.where.items()), m.system, m.over) for m in report.measurements]
    assert len(keys) == len(set(keys))


def test_agrees_with_measure(said, opponents):
    report = evaluate(said, opponents, **SETTINGS)
    alone = measure(
        "accuracy",
        said.label_scores,
        said.examples,
        said.truth,
        split="test",
        where={"domain": "a"},
        system="model",
        resamples=100,
        confidence=0.95,
        seed=1,
        against=opponents["vader"],
        over="vader",
    )
    assert report.find("accuracy", where={"domain": "a"}, over="vader") == alone


def test_validation_is_measured_without_opponents(said, opponents):
    report = evaluate(said, opponents, validation=replace(said, split="validation"), **SETTINGS)
    on_validation = [m for m in report.measurements if m.split == "validation"]
    assert {m.system for m in on_validation} == {"model"}
    assert report.find("ece", split="validation", where={"agreed": "no"}) is not None


def test_an_empty_slice_of_a_requirement_is_on_record(said):
    found = evaluate(said, {}, asked=[{"domain": "c"}], **SETTINGS).find("accuracy", where={"domain": "c"})
    assert (found.n, found.interval) == (0, None)


def test_tables_series_and_facts_have_the_names_of_the_page(said):
    report = evaluate(said, {}, temperature=1.7, **SETTINGS)
    columns = {name: set(rows[0]) for name, rows in report.tables.items()}
    assert columns == {
        "confusion": {"label", "predicted", "count"},
        "per_label": {
            "label",
            "precision",
            "recall",
            "f1",
            "n",
            "precision_interval",
            "recall_interval",
            "f1_interval",
        },
        "mistakes": {"text", "label", "predicted", "probability", "agreement", "slices"},
        "mistakes_by_slice": {"slice", "value", "n", "errors", "error_rate"},
        "mistakes_by_length": {"tokens", "n", "errors", "error_rate"},
    }
    assert set(report.series["reliability"][0]) == {"confidence", "accuracy", "count", "calibrated"}
    assert {point["calibrated"] for point in report.series["reliability"]} == {False, True}
    assert report.facts["temperature"] == 1.7
    assert report.facts["ece_after"] == report.find("ece").value
    assert report.facts["ece_before"] != report.facts["ece_after"]
    errors = sum(row["errors"] for row in report.tables["mistakes_by_length"])
    assert errors == round((1 - report.find("accuracy").value) * 120)
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))).find("accuracy") == report.find("accuracy")


def test_opponents_must_answer_for_the_same_examples(said, opponents):
    with pytest.raises(ValueError, match="other examples"):
        evaluate(said, {"vader": opponents["vader"][:-1]}, **SETTINGS)
    with pytest.raises(ValueError, match="called model"):
        evaluate(said, {"model": opponents["vader"]}, **SETTINGS)


def test_progress_ends_at_its_total(said):
    heard = []
    evaluate(
        said, {}, progress=lambda what, done, total=None, figures=None: heard.append((what, done, total)), **SETTINGS
    )
    assert heard == [("evaluate", done, 5) for done in range(6)]


def test_scores_that_are_no_probabilities_have_no_calibration(said, opponents):
    report = evaluate(replace(said, uncalibrated=None), opponents, **SETTINGS | {"metrics": ("neighbour_accuracy",)})
    assert report.find("neighbour_accuracy").value == report.find("neighbour_accuracy", where={}).value
    assert report.find("neighbour_accuracy", over="vader") is not None
    assert (report.series, report.facts) == ({}, {})
    assert report.tables["confusion"]


def test_without_labels_there_is_nothing_to_be_right_about(said):
    empty = replace(said, label_scores=np.zeros((120, 0)), uncalibrated=None)
    report = evaluate(empty, {}, **SETTINGS | {"labels": (), "metrics": ()})
    assert report == Report("evaluate")
