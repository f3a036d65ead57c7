from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluate.metrics.ece import ECE
from seatrial.evaluate.temperature import HIGHEST, LOWEST, fit_temperature


def softmax(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def drawn(n=20_000, seed=0):
    """Logits, and one-hot targets drawn from their softmax: the best temperature is 1."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=2, size=(n, 3))
    labels = (softmax(logits).cumsum(axis=1) < generator.random(n)[:, None]).sum(axis=1)
    return logits, np.eye(3)[labels]


@pytest.mark.parametrize("true", [0.3, 1.0, 2.5])
def test_finds_the_temperature_that_was_applied(true):
    logits, targets = drawn()
    assert fit_temperature(logits * true, targets) == pytest.approx(true, rel=0.03)


def test_is_the_optimum_that_scipy_finds():
    from scipy.optimize import minimize_scalar

    logits, targets = drawn(n=500)
    logits = (logits * 3).astype(np.float32)

    def loss(temperature):
        return -np.log((softmax(logits.astype(float) / temperature) * targets).sum(axis=1)).mean()

    best = minimize_scalar(loss, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-9}).x
    assert fit_temperature(logits, targets) == pytest.approx(best, rel=1e-5)


def test_soft_targets_count_as_their_majority():
    logits, targets = drawn(n=2000)
    assert fit_temperature(logits, 0.4 * targets + 0.2) == fit_temperature(logits, targets)


def test_calibration_error_falls():
    logits, targets = drawn()
    logits *= 0.4  # shy, as after learning from rater shares
    labels = targets.argmax(axis=1)
    before = ECE.compute(softmax(logits), labels)
    after = ECE.compute(softmax(logits / fit_temperature(logits, targets)), labels)
    assert before > 0.1
    assert after < 0.015


def test_no_better_temperature_is_one():
    one_hot = np.eye(2)[[0, 1]]
    assert fit_temperature(np.zeros((0, 2)), np.zeros((0, 2))) == 1.0
    assert fit_temperature(np.zeros((2, 2)), one_hot) == 1.0
    assert fit_temperature(np.array([[np.nan, 1], [0, 1]]), one_hot) == 1.0
    assert fit_temperature(np.array([[np.inf, 1], [0, 1]]), one_hot) == 1.0


def test_separable_and_reversed_labels_stay_in_range():
    logits = np.array([[5.0, 0.0], [0.0, 5.0]])
    assert fit_temperature(logits, np.eye(2)) == pytest.approx(LOWEST)
    assert fit_temperature(logits, np.eye(2)[::-1]) == pytest.approx(HIGHEST)


@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 3), min_size=1, max_size=8),
    st.integers(0, 2**16),
)
def test_never_worse_than_none(rows, seed):
    logits = np.array(rows)
    labels = np.random.default_rng(seed).integers(0, 3, len(rows))
    temperature = fit_temperature(logits, np.eye(3)[labels])
    assert LOWEST * 0.999 <= temperature <= HIGHEST * 1.001

    def loss(scaled):
        top = scaled.max(axis=1)
        return np.mean(np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top - scaled[np.arange(len(rows)), labels])

    assert loss(logits / temperature) <= loss(logits) * (1 + 1e-9) + 1e-9
