"""Perplexity, bits per byte and token accuracy are quotients of sums over documents."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import statistic_of

COUNTS = np.array([[10.0, 5, 20, 3], [30.0, 10, 20, 1]])  # nats, tokens, bytes, right
NOTHING = np.zeros(2, dtype=np.intp)


@pytest.mark.parametrize(
    ("name", "value"),
    [("perplexity", math.exp(40 / 15)), ("bits_per_byte", 40 / math.log(2) / 40), ("token_accuracy", 4 / 15)],
)
def test_a_figure_is_a_quotient_of_sums(name: str, value: float) -> None:
    metric = METRICS.get(name)
    assert metric.reads == "tokens"
    assert metric.compute(COUNTS, NOTHING) == pytest.approx(value)
    twice = statistic_of(metric, COUNTS, NOTHING)(np.array([[1.0, 2.0, 0.0], [1.0, 0.0, 2.0]]))
    alone = [metric.compute(COUNTS[i : i + 1], NOTHING[:1]) for i in range(2)]
    assert twice.tolist() == pytest.approx([value, *alone])


@pytest.mark.parametrize(("name", "column"), [("perplexity", 1), ("bits_per_byte", 2), ("token_accuracy", 1)])
def test_nothing_below_the_line_leaves_a_figure_undefined(name: str, column: int) -> None:
    counts = COUNTS.copy()
    counts[:, column] = 0
    assert math.isnan(METRICS.get(name).compute(counts, NOTHING))


def test_a_model_that_knows_nothing_has_the_perplexity_of_its_vocabulary() -> None:
    counts = np.array([[7 * math.log(50), 7, 21, 0]])
    assert METRICS.get("perplexity").compute(counts, NOTHING[:1]) == pytest.approx(50)
