"""The cost of a run is learned from runs: within noise, for any machine, and never nonsense."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.serve.queue.cost import RunCost


@pytest.mark.parametrize(("per_run_s", "per_token_s"), [(0.0002, 0.00005), (0.03, 0.0001), (0.0, 0.001)])
def test_a_line_is_found_in_noise(per_run_s: float, per_token_s: float) -> None:
    rng = random.Random(1)
    cost = RunCost()
    for _ in range(300):
        tokens = rng.randint(4, 1000)
        cost.learn(tokens, (per_run_s + per_token_s * tokens) * rng.uniform(0.9, 1.1))
    assert cost.per_token_s == pytest.approx(per_token_s, rel=0.15)
    assert cost.per_run_s == pytest.approx(per_run_s, abs=0.15 * per_run_s + 20 * per_token_s)
    budget_s = per_run_s + 0.1
    assert cost.tokens_within(budget_s) == pytest.approx(0.1 / per_token_s, rel=0.2)


def test_a_machine_that_slows_down_is_noticed() -> None:
    cost = RunCost()
    for factor in (1, 3):
        for tokens in [10, 100, 400] * 60:
            cost.learn(tokens, factor * 1e-4 * tokens)
        assert cost.per_token_s == pytest.approx(factor * 1e-4, rel=0.1)


def test_runs_of_one_size_set_the_level() -> None:
    cost = RunCost()
    for _ in range(50):
        cost.learn(32, 0.02)
    assert cost.per_run_s + 32 * cost.per_token_s == pytest.approx(0.02)


@given(st.lists(st.tuples(st.integers(1, 100_000), st.floats(0, 1000)), max_size=60))
def test_it_stays_usable_whatever_was_measured(runs: list[tuple[int, float]]) -> None:
    cost = RunCost()
    for tokens, seconds in runs:
        cost.learn(tokens, seconds)
        assert cost.per_token_s > 0
        assert cost.per_run_s >= 0
        assert cost.run_tokens >= 0
        assert cost.tokens_within(0.025) >= 1
