from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluate import intervals
from seatrial.evaluate.intervals import bootstrap, percentile_interval
from seatrial.evaluate.metrics.accuracy import ACCURACY


def accuracy_of(right, n):
    probabilities = np.zeros((n, 2))
    probabilities[:right, 0] = probabilities[right:, 1] = 1
    return ACCURACY.statistic(probabilities, np.zeros(n, dtype=int))


def interval_of(right, n, confidence=0.95):
    values = bootstrap([accuracy_of(right, n)], n, resamples=4000, seed=1)[0]
    return percentile_interval(values, n=n, confidence=confidence)


@pytest.mark.parametrize(("right", "n"), [(80, 100), (930, 1000)])
def test_close_to_the_normal_approximation(right, n):
    share = right / n
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    interval = interval_of(right, n)
    assert interval.low == pytest.approx(share - half, abs=0.15 * half)
    assert interval.high == pytest.approx(share + half, abs=0.15 * half)


def test_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(5)
    covered = 0
    for seed in range(300):
        right = int(generator.binomial(200, 0.8))
        values = bootstrap([accuracy_of(right, 200)], 200, resamples=300, seed=seed)[0]
        interval = percentile_interval(values, n=200, confidence=0.9)
        covered += interval.low <= 0.8 <= interval.high
    assert 0.85 <= covered / 300 <= 0.95


def test_a_higher_confidence_is_wider():
    narrow, wide = interval_of(80, 100, 0.8), interval_of(80, 100, 0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert (narrow.confidence, wide.confidence) == (0.8, 0.99)


def test_weights_count_draws_and_do_not_depend_on_chunks(monkeypatch):
    seen = []

    def spy(weights):
        seen.append(weights.copy())
        return weights[0]

    whole = bootstrap([spy], 30, resamples=50, seed=3)
    assert np.concatenate(seen, axis=1).shape == (30, 50)
    assert (np.concatenate(seen, axis=1).sum(axis=0) == 30).all()
    assert np.array_equal(whole, bootstrap([spy], 30, resamples=50, seed=3))
    assert not np.array_equal(whole, bootstrap([spy], 30, resamples=50, seed=4))
    seen.clear()
    monkeypatch.setattr(intervals, "CHUNK_WEIGHTS", 300)
    bootstrap([spy], 30, resamples=55, seed=3)
    assert [weights.shape[1] for weights in seen] == [10, 10, 10, 10, 10, 5]


def test_statistics_share_their_resamples():
    first, second = bootstrap([accuracy_of(80, 100), accuracy_of(80, 100)], 100, resamples=200, seed=0)
    assert np.array_equal(first, second)


def test_all_right_is_not_certain():
    interval = interval_of(20, 20)
    assert interval.low == pytest.approx(0.025 ** (1 / 20))  # Clopper-Pearson for 20 of 20: 0.832
    assert interval.high == 1
    wrong = interval_of(0, 20)
    assert (wrong.low, wrong.high) == (0, pytest.approx(1 - 0.025 ** (1 / 20)))


def test_difference_without_spread_reaches_both_ways():
    interval = percentile_interval(np.zeros(100), n=50, confidence=0.95, lowest=-1.0)
    assert interval.low == -interval.high
    assert interval.high == pytest.approx(1 - 0.025 ** (1 / 50))


def test_too_few_items_give_no_interval():
    values = np.linspace(0, 1, 100)
    assert percentile_interval(values, n=9, confidence=0.95) is None
    assert percentile_interval(values, n=10, confidence=0.95) is not None


def test_often_undefined_gives_no_interval():
    values = np.linspace(0, 1, 100)
    values[:5] = np.nan
    assert percentile_interval(values, n=50, confidence=0.95) is not None
    values[5] = np.nan
    assert percentile_interval(values, n=50, confidence=0.95) is None
    assert percentile_interval(np.full(100, np.nan), n=50, confidence=0.95) is None
