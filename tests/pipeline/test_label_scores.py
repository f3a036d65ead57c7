"""One way from raw outputs to label scores, for a task with probabilities and for one with vectors."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.temperature import fit_temperature
from seatrial.models.reading import whole_texts
from seatrial.pipeline.label_scores import LabelScores, metrics_for, opponents_for
from seatrial.records import Example, Provenance
from seatrial.spec.load import parse_spec
from seatrial.tasks.embedding import Embedding
from seatrial.tasks.text_classification import TextClassification

LABELS = ("a", "b")
EXAMPLES = [Example(str(i), {"text": "x"}, LABELS[i % 2], Provenance("s", i)) for i in range(40)]
READING = whole_texts([[1, 2]] * 40)
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
    reader = LabelScores.of(
        task, LABELS, validation=EXAMPLES, reading=READING, logits=logits, known=(), known_logits=None
    )
    assert reader.temperature == fit_temperature(logits, task.targets(EXAMPLES, READING, LABELS, False)) != 1.0
    found = reader.predictions("validation", EXAMPLES, READING, logits)
    np.testing.assert_array_equal(found.label_scores, task.outputs(logits, reader.temperature))
    np.testing.assert_array_equal(found.label_scores, reader.scores(READING, logits, EXAMPLES))
    assert found.uncalibrated is not None
    np.testing.assert_array_equal(found.uncalibrated, task.outputs(logits, 1.0))
    assert [answer.right for answer in found.said] == (found.label_scores.argmax(axis=1) == found.truth).tolist()


def test_vectors_are_looked_up_among_the_known_and_have_no_temperature() -> None:
    angles = np.array([0.1 if example.label == "a" else 1.4 for example in EXAMPLES])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    reader = LabelScores.of(
        Embedding(),
        LABELS,
        validation=EXAMPLES,
        reading=READING,
        logits=vectors,
        known=EXAMPLES,
        known_logits=vectors,
    )
    assert reader.temperature == 1.0
    found = reader.predictions("validation", EXAMPLES, READING, vectors)
    assert found.uncalibrated is None
    assert [answer.predicted for answer in found.said] == [example.label for example in EXAMPLES]
    assert found.lengths == [2] * 40


def test_vectors_without_labels_say_nothing_about_any() -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    reading = READING.pick([0, 1, 2])
    reader = LabelScores.of(
        Embedding(), (), validation=EXAMPLES[:3], reading=reading, logits=vectors, known=(), known_logits=None
    )
    assert reader.scores(reading, vectors, EXAMPLES[:3]).shape == (3, 0)


def test_without_labels_no_metric_is_measured_and_nobody_plays() -> None:
    assert metrics_for(SPEC, Embedding(), LABELS) == ("neighbour_accuracy",)
    assert opponents_for(SPEC, Embedding(), LABELS) == ("majority", "tfidf-logreg")
    named = SPEC.model_copy(update={"evaluation": SPEC.evaluation.model_copy(update={"opponents": ["majority"]})})
    assert opponents_for(named, Embedding(), LABELS) == ("majority",)
    assert not metrics_for(SPEC, Embedding(), ())
    assert not opponents_for(SPEC, Embedding(), ())
