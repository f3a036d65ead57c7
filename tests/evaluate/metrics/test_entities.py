"""Entities are counted over all texts, and texts are what is resampled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.evaluate.evidence import EVIDENCE, Predictions, Settings
from seatrial.evaluate.measure import measure
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import statistic_of

NAMES = ("entity_precision", "entity_recall", "entity_f1", "entity_f1_macro")


@pytest.fixture
def counts():
    """120 texts with two labels: found and right [120, 2, 2], and how many there are [120, 2]."""
    random = np.random.default_rng(4)
    truth = random.poisson(2, (120, 2))
    right = random.binomial(truth, 0.8)
    found = right + random.poisson(0.3, (120, 2))
    return np.stack([found, right], axis=2).astype(np.float32), truth


def test_figures_of_a_worked_example():
    found = np.array([[[2, 1], [0, 0]], [[1, 1], [2, 0]]], dtype=np.float32)
    truth = np.array([[1, 1], [3, 0]])
    figures = {name: METRICS.get(name).compute(found, truth) for name in NAMES}
    assert figures["entity_precision"] == pytest.approx(2 / 5)
    assert figures["entity_recall"] == pytest.approx(2 / 5)
    assert figures["entity_f1"] == pytest.approx(2 / 5)
    assert figures["entity_f1_macro"] == pytest.approx((4 / 7 + 0) / 2)


def test_nothing_found_and_nothing_there():
    nothing, one = np.zeros((1, 1, 2), dtype=np.float32), np.ones((1, 1), dtype=int)
    for name in NAMES:
        assert METRICS.get(name).compute(nothing, one) == 0.0
        assert METRICS.get(name).compute(nothing, 0 * one) == 0.0
        assert METRICS.get(name).compute(np.ones((1, 1, 2), dtype=np.float32), one) == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_resample_is_a_text_drawn_as_often_as_its_weight(name, counts):
    found, truth = counts
    weights = np.random.default_rng(1).multinomial(120, np.full(120, 1 / 120), size=5).T.astype(float)
    drawn = [np.repeat(np.arange(120), column.astype(int)) for column in weights.T]
    metric = METRICS.get(name)
    expected = [metric.compute(found[rows], truth[rows]) for rows in drawn]
    np.testing.assert_allclose(statistic_of(metric, found, truth)(weights), expected)


def test_a_slice_has_its_own_figure_and_interval(counts, example):
    found, truth = counts
    examples = [example("", half="left" if i < 60 else "right") for i in range(120)]
    settings = {"split": "test", "system": "model", "resamples": 300, "confidence": 0.95, "seed": 1}
    part = measure("entity_f1", found, examples, truth, where={"half": "left"}, **settings)
    assert part.value == METRICS.get("entity_f1").compute(found[:60], truth[:60])
    assert part.interval.low < part.value < part.interval.high
    none = measure("entity_f1", found, examples, truth, where={"half": "middle"}, **settings)
    assert math.isnan(none.value)


def test_each_label_has_its_row(counts, example):
    found, truth = counts
    examples = [example("") for _ in range(120)]
    predictions = Predictions("test", examples, truth, found, None, [3] * 120, ())
    shown = EVIDENCE.get("spans")(predictions, ("LOC", "PER"), Settings(1.5, 200, 0.95, 1))
    rows = shown.tables["per_label"]
    assert [row["label"] for row in rows] == ["LOC", "PER"]
    assert [row["n"] for row in rows] == truth.sum(axis=0).tolist()
    assert rows[0]["recall"] == pytest.approx(found[:, 0, 1].sum() / truth[:, 0].sum())
    assert rows[1]["f1_interval"][0] < rows[1]["f1"] < rows[1]["f1_interval"][1]
    assert shown.facts == {"temperature": 1.5}
