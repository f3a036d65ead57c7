"""Label weights balance; an objective's digest follows its data; batches follow the epoch."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.label_objective import LabelObjective, LearnsLabels, label_weights
from seatrial.tasks.objective import Lesson
from seatrial.tasks.text_classification import TextClassification
from seatrial.tasks.token_classification import TokenClassification
from seatrial.tokenize.load import load_tokenizer

from ..train.toy import LABELS, toy_base, toy_examples


def test_a_rare_label_weighs_more_and_equal_ones_weigh_one() -> None:
    targets = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=np.float32)
    np.testing.assert_allclose(label_weights(targets), [4 / 6, 2.0])
    np.testing.assert_allclose(label_weights(np.full((10, 2), 0.5, dtype=np.float32)), [1.0, 1.0])


def test_the_weighted_mass_of_all_labels_is_equal() -> None:
    targets = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.5, 0.3, 0.2]] * 10, dtype=np.float32)
    mass = targets.sum(axis=0) * label_weights(targets)
    np.testing.assert_allclose(mass, mass[0], rtol=1e-6)


def test_a_label_that_never_occurs_gets_a_finite_weight() -> None:
    weights = label_weights(np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32))
    assert weights[0] == pytest.approx(0.5)
    assert np.isfinite(weights).all()


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    tokenizer = load_tokenizer(toy_base(tmp_path_factory.mktemp("base")), 20)
    return Lesson(tokenizer, toy_examples(40, 1), toy_examples(8, 2), LABELS, TrainingSpec(), ModelSpec(), seed=3)


def test_only_tasks_with_labels_learn_labels() -> None:
    from seatrial.tasks.embedding import Embedding

    assert isinstance(TextClassification(), LearnsLabels)
    assert isinstance(TokenClassification(), LearnsLabels)
    assert not isinstance(Embedding(), LearnsLabels)


def test_batches_hold_each_text_once_and_differ_by_epoch(lesson: Lesson) -> None:
    objective = LabelObjective(TextClassification(), lesson)
    epochs = [objective.batches(epoch, max_tokens=64, max_items=8) for epoch in (0, 1)]
    for batches in epochs:
        assert sorted(index for batch in batches for index in batch) == list(range(40))
        assert sum(map(objective.weight, batches)) == pytest.approx(40)
    assert epochs[0] != epochs[1]
    assert objective.batches(1, max_tokens=64, max_items=8) == epochs[1]


def test_the_digest_follows_what_is_learned(lesson: Lesson) -> None:
    from dataclasses import replace

    digest = LabelObjective(TextClassification(), lesson).digest
    hard = replace(lesson, training=TrainingSpec(soft_targets=False))
    assert LabelObjective(TextClassification(), lesson).digest == digest
    assert LabelObjective(TextClassification(), hard).digest != digest
    assert LabelObjective(TextClassification(), replace(lesson, validation=lesson.train[:8])).digest != digest
