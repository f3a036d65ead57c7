from __future__ import annotations

from dataclasses import replace

import numpy as np

from seatrial.pipeline.figures import CandidateFigures, SplitData
from seatrial.records import Example, Measurement, Provenance, Requirement

LABELS = ("a", "b")
TRUTH = "aabb"
EXAMPLES = [
    Example(str(i), {"text": "x"}, label, Provenance("s", i), slices={"half": "first" if i < 2 else "second"})
    for i, label in enumerate(TRUTH)
]


def one_hot(labels: str) -> np.ndarray:
    return np.array([[label == "a", label == "b"] for label in labels], dtype=np.float32)


def figures() -> CandidateFigures:
    validation = SplitData(EXAMPLES, np.array([0, 0, 1, 1]), opponents={"majority": one_hot("aaaa")})
    p95 = Measurement("p95_ms", 7.0, 300, "service", system="int8")
    found = CandidateFigures("int8", {"validation": validation}, {"p95_ms": p95}, 200, 0.95, 1)
    found.label_scores["validation"] = one_hot("aabb")
    found.likeness["agreement", "validation"] = np.array([1.0, 1.0, 0.0, 1.0])
    return found


def value(requirement: Requirement) -> float | None:
    found = figures().lookup(requirement)
    return found.value if found else None


def test_metrics_agreement_and_differences() -> None:
    assert value(Requirement("accuracy", ">=", 0, split="validation")) == 1.0
    assert value(Requirement("agreement", ">=", 0, split="validation")) == 0.75
    assert value(Requirement("agreement", ">=", 0, split="validation", where={"half": "first"})) == 1.0
    assert value(Requirement("accuracy", ">=", 0, split="validation", over="majority")) == 0.5
    assert value(Requirement("p95_ms", "<=", 0, split="service")) == 7.0


def test_what_was_not_measured_is_none() -> None:
    assert value(Requirement("accuracy", ">=", 0, split="test")) is None
    assert value(Requirement("accuracy", ">=", 0, split="validation", over="vader")) is None
    assert value(Requirement("acuracy", ">=", 0, split="validation")) is None
    assert value(Requirement("p99", "<=", 0, split="service")) is None


def test_a_likeness_that_is_no_number_is_never_met() -> None:
    found = figures()
    found.likeness["cosine_to_source", "validation"] = np.array([1.0, np.nan, 1.0, 1.0])
    measured = found.lookup(Requirement("cosine_to_source", ">=", -1, split="validation"))
    assert measured is not None
    assert np.isnan(measured.value)
    assert measured.interval is None
    second = found.lookup(Requirement("cosine_to_source", ">=", -1, split="validation", where={"half": "second"}))
    assert second is not None
    assert second.value == 1.0


def test_without_labels_there_is_likeness_and_nothing_else() -> None:
    found = figures()
    validation = found.splits["validation"]
    found.splits = {"validation": replace(validation, truth=None)}
    assert found.lookup(Requirement("accuracy", ">=", 0, split="validation")) is None
    assert found.lookup(Requirement("agreement", ">=", 0, split="validation")) is not None


def test_an_empty_slice_is_nan_on_nobody() -> None:
    found = figures().lookup(Requirement("accuracy", ">=", 0, split="validation", where={"half": "third"}))
    assert found is not None
    assert found.n == 0
    assert np.isnan(found.value)
