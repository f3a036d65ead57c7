"""Every metric beside scikit-learn's, on random cases with ties, missing labels and weights."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as theirs

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import WeightedMetric

EVERY = np.arange(3)


def averaged(function, average):
    return lambda p, y: function(y, p.argmax(axis=1), average=average, zero_division=0)


THEIRS = {
    "accuracy": lambda p, y: theirs.accuracy_score(y, p.argmax(axis=1)),
    "precision_macro": averaged(theirs.precision_score, "macro"),
    "recall_macro": averaged(theirs.recall_score, "macro"),
    "f1_macro": averaged(theirs.f1_score, "macro"),
    "f1_micro": averaged(theirs.f1_score, "micro"),
    "f1_weighted": averaged(theirs.f1_score, "weighted"),
    "roc_auc": lambda p, y: theirs.roc_auc_score(y, p, multi_class="ovr", average="macro", labels=EVERY),
    "brier": lambda p, y: theirs.brier_score_loss(y, p, labels=EVERY, scale_by_half=False),
    "log_loss": lambda p, y: theirs.log_loss(y, p, labels=EVERY),
}


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("seed", range(4))
def test_value(name, seed, random_case):
    probabilities, labels = random_case(seed)
    assert METRICS.get(name).compute(probabilities, labels) == pytest.approx(THEIRS[name](probabilities, labels))


@pytest.mark.parametrize("name", THEIRS)
def test_resampled_value_is_the_value_of_the_resample(name, random_case):
    probabilities, labels = random_case(7, n=60)
    metric = METRICS.get(name)
    assert isinstance(metric, WeightedMetric)
    drawn = np.random.default_rng(0).integers(0, 60, size=(60, 5))
    weights = np.stack([np.bincount(column, minlength=60) for column in drawn.T], axis=1).astype(float)
    fast = metric.statistic(probabilities, labels)(weights)
    slow = [THEIRS[name](probabilities[items], labels[items]) for items in drawn.T]
    np.testing.assert_allclose(fast, slow, rtol=1e-12)


@pytest.mark.parametrize("name", ["precision_macro", "recall_macro", "f1_macro", "f1_weighted"])
def test_labels_that_are_never_true_or_never_predicted(name, random_case):
    probabilities, labels = random_case(1)
    probabilities[:, 2] = 0  # never predicted
    for kept in (labels != 0, labels != 2):  # never true; neither true nor predicted
        found = METRICS.get(name).compute(probabilities[kept], labels[kept])
        assert found == pytest.approx(THEIRS[name](probabilities[kept], labels[kept]))


def test_two_labels(random_case):
    probabilities, labels = random_case(3, k=2)
    assert METRICS.get("roc_auc").compute(probabilities, labels) == pytest.approx(
        theirs.roc_auc_score(labels, probabilities[:, 1])
    )
