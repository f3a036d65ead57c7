"""One way from raw outputs to label scores, for a task with probabilities and for one with vectors."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.temperature import fit_temperature
from seatrial.pipeline.label_scores import LabelScores, metrics_for, opponents_for
from seatrial.records import Example, Provenance
from seatrial.spec.load import parse_spec
from seatrial.tasks.embedding import Embedding
from seatrial.tasks.text_classification import TextClassification

LABELS = ("a", "b")
EXAMPLES = [Example(str(i), {"text": "x"}, LABELS[i % 2], Provenance("s", i)) for i in range(40)]
SPEC = parse_spec(
    {
        "name": "toy",
        "data": {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}},
        "requirements": [{"metric": "p95_ms", "at_most": 50}],
    },
    "toy",
)


def test_probabilities_are_calibrated_on_validation() -> None:
    logits = np.random.default_rng(1).normal(0, 4, (40, 2)).astype(np.float32)
    task = TextClassification()
    reader = LabelScores.of(task, LABELS, validation=EXAMPLES, logits=logits, known=(), known_logits=None)
    assert reader.temperature == fit_temperature(logits, task.targets(EXAMPLES, LABELS, False)) != 1.0
    np.testing.assert_array_equal(reader.scores(logits), task.outputs(logits, reader.temperature))
    plain = reader.uncalibrated(logits)
    assert plain is not None
    np.testing.assert_array_equal(plain, task.outputs(logits, 1.0))


def test_vectors_are_looked_up_among_the_known_and_have_no_temperature() -> None:
    angles = np.array([0.1 if example.label == "a" else 1.4 for example in EXAMPLES])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    reader = LabelScores.of(
        Embedding(), LABELS, validation=EXAMPLES, logits=vectors, known=EXAMPLES, known_logits=vectors
    )
    assert reader.temperature == 1.0
    assert reader.uncalibrated(vectors) is None
    said = reader.scores(vectors).argmax(axis=1)
    assert [LABELS[index] for index in said] == [example.label for example in EXAMPLES]


def test_vectors_without_labels_say_nothing_about_any() -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    reader = LabelScores.of(Embedding(), (), validation=EXAMPLES[:3], logits=vectors, known=(), known_logits=None)
    assert reader.scores(vectors).shape == (3, 0)


def test_without_labels_no_metric_is_measured_and_nobody_plays() -> None:
    assert metrics_for(SPEC, Embedding(), LABELS) == ("neighbour_accuracy",)
    assert opponents_for(SPEC, LABELS) == ["majority", "tfidf-logreg"]
    assert not metrics_for(SPEC, Embedding(), ())
    assert not opponents_for(SPEC, ())
