from __future__ import annotations

import itertools
import statistics

import pytest

from seatrial.load.schedule import departures


def test_constant_arrivals_have_equal_gaps_from_the_start() -> None:
    assert list(departures(4, 1, arrivals="constant")) == [0, 0.25, 0.5, 0.75]


def test_constant_arrivals_do_not_drift() -> None:
    moments = list(departures(3000, 60, arrivals="constant"))
    assert len(moments) == 180_000
    assert moments[-1] == pytest.approx(60 - 1 / 3000)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_poisson_arrivals_have_the_rate_and_the_gaps_of_independent_clients(seed: int) -> None:
    rate, duration_s = 500.0, 100.0
    moments = list(departures(rate, duration_s, seed=seed))
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    # the count has mean and variance 50,000; five deviations
    assert abs(len(moments) - rate * duration_s) < 5 * (rate * duration_s) ** 0.5
    assert moments == sorted(moments)
    assert moments[-1] < duration_s
    # exponential gaps: the deviation equals the mean, and exp(-1) of the gaps are longer than it
    assert statistics.pstdev(gaps) == pytest.approx(1 / rate, rel=0.05)
    assert sum(gap > 1 / rate for gap in gaps) / len(gaps) == pytest.approx(0.3679, abs=0.015)


def test_the_seed_decides() -> None:
    assert list(departures(50, 2, seed=3)) == list(departures(50, 2, seed=3))
    assert list(departures(50, 2, seed=3)) != list(departures(50, 2, seed=4))
