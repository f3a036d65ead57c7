"""Accuracies are shares of margins above 0, ties are halves, and the margin is the mean gain over the base."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import statistic_of

# chosen: log-probability, tokens, by the base; rejected: the same
SCORES = np.array(
    [
        [-4.0, 5, -6.0, -7.0, 3, -6.0],  # gained 2, lost 1
        [-9.0, 5, -8.0, -8.0, 3, -9.0],  # lost 1, gained 1
        [-5.0, 2, -5.0, -5.0, 2, -5.0],  # as the base
        [-9.0, 9, -12.0, -3.0, 1, -4.0],  # gained 3 and 1, and still less probable
    ]
)
NOTHING = np.zeros(4, dtype=np.intp)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("preference_accuracy", [1, 0, 0.5, 1]),
        ("reward_margin_nats", [3, -2, 0, 2]),
        ("likelihood_accuracy", [1, 0, 0.5, 0]),
    ],
)
def test_a_figure_is_the_mean_over_pairs(name: str, values: list[float]) -> None:
    metric = METRICS.get(name)
    assert metric.reads == "preferences"
    assert metric.higher_is_better
    assert metric.compute(SCORES, NOTHING) == pytest.approx(sum(values) / 4)
    alone = statistic_of(metric, SCORES, NOTHING)(2 * np.eye(4))
    assert alone.tolist() == pytest.approx(values)
