"""What all metrics have in common."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import statistic_of

OF_LABELS = [name for name in METRICS if METRICS.get(name).reads in ("probabilities", "neighbours")]
"""Metrics of one label per item; the others read counts."""


@pytest.mark.parametrize("name", list(METRICS))
def test_no_items_and_bad_probabilities_are_undefined(name):
    metric = METRICS.get(name)
    assert metric.name == name
    assert math.isnan(metric.compute(np.zeros((0, 3)), np.zeros(0, dtype=int)))
    for bad in (math.nan, math.inf):
        probabilities = np.full((4, 2), 0.5)
        probabilities[2, 1] = bad
        assert math.isnan(metric.compute(probabilities, np.array([0, 1, 0, 1])))


@pytest.mark.parametrize("name", OF_LABELS)
def test_better_probabilities_score_better(name, random_case):
    good, labels = random_case(0)
    metric = METRICS.get(name)
    better, worse = metric.compute(good, labels), metric.compute(good[:, ::-1], labels)
    assert (better > worse) == metric.higher_is_better


def test_metrics_of_decisions_do_not_see_confidence(random_case):
    probabilities, labels = random_case(0)
    decided = np.eye(3)[probabilities.argmax(axis=1)]
    for name in OF_LABELS:
        metric = METRICS.get(name)
        same = metric.compute(decided, labels) == pytest.approx(metric.compute(probabilities, labels))
        assert same == metric.decisions_only, name


def test_unknown_name():
    with pytest.raises(SpecError, match="did you mean 'accuracy'"):
        METRICS.get("acuracy")


def test_plugin_with_compute_only_is_resampled(random_case):
    class Share:
        name = "share"
        higher_is_better = True
        decisions_only = True

        def compute(self, probabilities, labels):
            return float((probabilities.argmax(axis=1) == labels).mean())

    probabilities, labels = random_case(0, n=40)
    weights = np.random.default_rng(0).multinomial(40, np.full(40, 1 / 40), size=6).T.astype(float)
    accuracy = METRICS.get("accuracy")
    np.testing.assert_allclose(
        statistic_of(Share(), probabilities, labels)(weights), statistic_of(accuracy, probabilities, labels)(weights)
    )
