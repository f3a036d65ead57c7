from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.report.plots.scale import Scale, span, ticks

SOME = st.floats(-1e9, 1e9)


@given(st.lists(st.one_of(SOME, st.none(), st.just(math.nan), st.just(math.inf)), max_size=5))
def test_a_range_is_never_empty_and_holds_every_finite_value(values: list[float | None]) -> None:
    low, high = span(values)
    assert low < high
    assert all(low <= v <= high for v in values if v is not None and math.isfinite(v))
    assert all(math.isfinite(mark) for mark in ticks(low, high))


def test_room_stays_within_the_limits() -> None:
    assert span([0.9, 0.99], pad=1, within=(0.0, 1.0)) == pytest.approx((0.81, 1.0))


def test_a_figure_outside_the_limits_is_still_shown() -> None:
    low, high = span([-0.2, 0.5], within=(0.0, 1.0))
    assert low == -0.2
    assert high < 1


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0.61, 0.89, [0.7, 0.8]), (0, 740, [0, 200, 400, 600])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high, 5 if high <= 1 and low == 0 else 4) == pytest.approx(expected)


def test_positions_stay_inside_the_plot() -> None:
    scale = Scale(0, 1, 10, 110)
    assert [scale(-5), scale(0.5), scale(7)] == [10, 60, 110]
