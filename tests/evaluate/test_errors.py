from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluate import errors
from seatrial.tasks import Said

LABELS = ("no", "yes", "never")
PROBABILITIES = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.7, 0.3, 0], [0.4, 0.6, 0]])
TRUTH = np.array([0, 0, 1, 1])  # right, wrong at 0.8, wrong at 0.7, right


SAID = [
    Said(LABELS[true], LABELS[row.argmax()], row.max(), row.argmax() == true)
    for true, row in zip(TRUTH, PROBABILITIES, strict=True)
]


@pytest.fixture
def examples(example):
    return [
        example("no", "first", (1.0, 0.0, 0.0), domain="a"),
        example("no", "second", (0.55, 0.45, 0.0), domain="a"),
        example("yes", "x" * 600, domain="b"),
        example("yes", "fourth", domain="a"),
    ]


def test_confusion_lists_every_pair():
    rows = errors.confusion(PROBABILITIES, TRUTH, LABELS)
    assert len(rows) == 9
    counts = {(row["label"], row["predicted"]): row["count"] for row in rows}
    assert counts["no", "no"] == counts["no", "yes"] == counts["yes", "no"] == counts["yes", "yes"] == 1
    assert sum(counts.values()) == 4


def test_surest_mistakes_come_first(examples):
    rows = errors.confident_mistakes(SAID, examples, LABELS)
    assert rows[0] == {
        "text": "second",
        "label": "no",
        "predicted": "yes",
        "probability": 0.8,
        "agreement": 0.55,
        "slices": {"domain": "a"},
    }
    assert [row["probability"] for row in rows] == [0.8, 0.7]
    assert rows[1]["agreement"] is None
    assert rows[1]["text"] == "x" * 500 + "…"
    assert len(errors.confident_mistakes(SAID, examples, LABELS, limit=1)) == 1


def test_mistakes_by_slice(examples):
    wrong = np.array([False, True, True, False])
    assert errors.mistakes_by_slice(wrong, examples) == [
        {"slice": "domain", "value": "a", "n": 3, "errors": 1, "error_rate": 1 / 3},
        {"slice": "domain", "value": "b", "n": 1, "errors": 1, "error_rate": 1.0},
    ]


def test_mistakes_by_length_groups_at_their_edges():
    wrong = np.array([True, False, True, True, False])
    assert errors.mistakes_by_length(wrong, [1, 8, 9, 513, 100_000]) == [
        {"tokens": "1-8", "n": 2, "errors": 1, "error_rate": 0.5},
        {"tokens": "9-16", "n": 1, "errors": 1, "error_rate": 1.0},
        {"tokens": "513 and more", "n": 2, "errors": 1, "error_rate": 0.5},
    ]


def test_reliability_points():
    points = errors.reliability(PROBABILITIES, TRUTH, calibrated=True)
    assert [point["confidence"] for point in points] == [0.6, 0.7, 0.8, 0.9]
    assert [point["accuracy"] for point in points] == [1.0, 0.0, 0.0, 1.0]
    assert all(point["count"] == 1 and point["calibrated"] is True for point in points)
