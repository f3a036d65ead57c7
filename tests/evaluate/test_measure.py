from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.measure import label_indices, measure, measure_systems, measure_values, scores
from seatrial.evaluate.metrics import METRICS
from seatrial.records import Interval

LABELS = ("negative", "neutral", "positive")
SETTINGS = {"split": "test", "where": {}, "system": "model", "resamples": 200, "confidence": 0.9, "seed": 3}


@pytest.fixture
def case(example, random_case):
    probabilities, truth = random_case(0, n=200)
    examples = [example(LABELS[label], half="left" if i < 120 else "right") for i, label in enumerate(truth)]
    return probabilities, examples, truth


def test_value_count_and_key(case):
    probabilities, examples, truth = case
    found = measure("f1_macro", probabilities, examples, truth, **SETTINGS | {"where": {"half": "left"}})
    assert found.value == METRICS.get("f1_macro").compute(probabilities[:120], truth[:120])
    assert (found.n, found.split, found.where, found.system, found.over) == (
        120,
        "test",
        {"half": "left"},
        "model",
        None,
    )
    assert found.interval.low < found.value < found.interval.high
    assert found.interval.confidence == 0.9


def test_seeded(case):
    probabilities, examples, truth = case
    first, same = (measure("brier", probabilities, examples, truth, **SETTINGS) for _ in range(2))
    other = measure("brier", probabilities, examples, truth, **SETTINGS | {"seed": 4})
    assert first == same
    assert first.value == other.value
    assert first.interval != other.interval


def test_difference_is_paired(case):
    probabilities, examples, truth = case
    worse = probabilities.copy()
    right = np.flatnonzero(probabilities.argmax(axis=1) == truth)
    worse[right[:10]] = np.roll(worse[right[:10]], 1, axis=1)  # the opponent is wrong on ten more, elsewhere the same
    found = measure("accuracy", probabilities, examples, truth, **SETTINGS, against=worse, over="vader")
    assert (found.over, found.system, found.n) == ("vader", "model", 200)
    assert found.value == pytest.approx(10 / 200)
    alone = measure("accuracy", probabilities, examples, truth, **SETTINGS)
    # Unpaired, the difference would be less certain than either figure; paired, only ten examples make it uncertain.
    assert found.interval.high - found.interval.low < 0.6 * (alone.interval.high - alone.interval.low)
    assert found.interval.low > 0


def test_difference_to_oneself_is_zero_and_not_certain(case):
    probabilities, examples, truth = case
    found = measure("accuracy", probabilities, examples, truth, **SETTINGS, against=probabilities, over="copy")
    assert found.value == 0
    assert found.interval.low < 0 < found.interval.high


def test_a_quotient_is_paired_too(case):
    probabilities, examples, truth = case
    alone = measure("accuracy", probabilities, examples, truth, **SETTINGS)
    same = measure("accuracy", probabilities, examples, truth, **SETTINGS, against=probabilities, over="x", ratio=True)
    assert (same.value, same.over, same.ratio, alone.ratio) == (1, "x", True, False)
    worse = probabilities.copy()
    right = np.flatnonzero(probabilities.argmax(axis=1) == truth)
    worse[right[:10]] = np.roll(worse[right[:10]], 1, axis=1)
    found = measure("accuracy", worse, examples, truth, **SETTINGS, against=probabilities, over="x", ratio=True)
    assert found.value == pytest.approx((len(right) - 10) / len(right))
    assert found.interval.low < found.value < found.interval.high < 1


def test_a_quotient_by_nothing_is_not_defined(case):
    probabilities, examples, truth = case
    wrong = np.eye(probabilities.shape[1])[(truth + 1) % probabilities.shape[1]]
    found = measure("accuracy", probabilities, examples, truth, **SETTINGS, against=wrong, over="x", ratio=True)
    assert math.isnan(found.value)
    assert found.interval is None


def test_empty_slice(case):
    probabilities, examples, truth = case
    found = measure("accuracy", probabilities, examples, truth, **SETTINGS | {"where": {"half": "middle"}})
    assert math.isnan(found.value)
    assert (found.n, found.interval) == (0, None)


@pytest.mark.parametrize("against_bad", [False, True])
def test_bad_probabilities_are_undefined(case, against_bad):
    probabilities, examples, truth = case
    bad = probabilities.copy()
    bad[5, 0] = math.nan
    if against_bad:
        found = measure("accuracy", probabilities, examples, truth, **SETTINGS, against=bad, over="human-rater")
    else:
        found = measure("accuracy", bad, examples, truth, **SETTINGS)
    assert math.isnan(found.value)
    assert (found.n, found.interval) == (200, None)


def test_float32_of_a_model_is_measured_in_double(case):
    probabilities, examples, truth = case
    single = measure("log_loss", probabilities.astype(np.float32), examples, truth, **SETTINGS)
    double = measure("log_loss", probabilities, examples, truth, **SETTINGS)
    assert single.value == pytest.approx(double.value, rel=1e-6)
    assert isinstance(single.value, float)
    assert isinstance(single.interval, Interval)


def test_unknown_metric(case):
    with pytest.raises(SpecError):
        measure("acuracy", *case, **SETTINGS)


def test_against_and_over_belong_together(case):
    with pytest.raises(ValueError, match="together"):
        measure("accuracy", *case, **SETTINGS, over="vader")


def test_deciders_get_only_metrics_of_decisions(case):
    probabilities, examples, truth = case
    settings = {key: value for key, value in SETTINGS.items() if key != "system"}
    found = measure_systems(
        ["accuracy", "ece"],
        {"model": probabilities, "vader": np.eye(3)[probabilities.argmin(axis=1)]},
        examples,
        truth,
        **settings,
        decisions_only=["vader"],
    )
    assert [(m.system, m.metric, m.over) for m in found] == [
        ("model", "accuracy", None),
        ("model", "ece", None),
        ("vader", "accuracy", None),
        ("model", "accuracy", "vader"),
    ]
    assert found[3].value == found[0].value - found[2].value


def test_scores_and_label_indices(case):
    probabilities, examples, truth = case
    assert np.array_equal(label_indices(examples, LABELS), truth)
    found = scores(["accuracy", "ece"], probabilities, truth)
    assert found == {name: METRICS.get(name).compute(probabilities, truth) for name in ("accuracy", "ece")}


def test_the_mean_of_values_on_a_slice_with_its_interval(case):
    examples = case[1]
    values = np.linspace(0.9, 1.0, 200)
    found = measure_values("cosine_to_source", values, examples, **SETTINGS | {"where": {"half": "left"}})
    assert (found.metric, found.n, found.where) == ("cosine_to_source", 120, {"half": "left"})
    assert found.value == pytest.approx(values[:120].mean())
    assert found.interval.low < found.value < found.interval.high < 0.97
    assert found.interval.confidence == 0.9
    again = measure_values("cosine_to_source", values, examples, **SETTINGS | {"where": {"half": "left"}})
    assert again == found


def test_zeros_and_ones_have_the_interval_of_an_accuracy(case):
    probabilities, examples, truth = case
    right = (probabilities.argmax(axis=1) == truth).astype(float)
    values = measure_values("agreement", right, examples, **SETTINGS)
    accuracy = measure("accuracy", probabilities, examples, truth, **SETTINGS)
    assert values.value == accuracy.value
    assert (values.interval.low, values.interval.high) == (accuracy.interval.low, accuracy.interval.high)


@pytest.mark.parametrize("where", [{"half": "none"}, {}])
def test_nothing_and_what_is_no_number_have_no_mean(case, where):
    examples = case[1]
    values = np.ones(200)
    values[3] = math.nan
    found = measure_values("agreement", values, examples, **SETTINGS | {"where": where})
    assert math.isnan(found.value)
    assert found.interval is None
