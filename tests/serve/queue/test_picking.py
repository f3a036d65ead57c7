"""A batch is picked by length: the oldest first, then what is near it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.serve.queue.picking import pick_batch


def test_pick_takes_what_is_near_in_length_and_always_the_oldest() -> None:
    assert pick_batch([100, 5, 98, 6], max_items=8, max_tokens=4096, run_cost_tokens=8) == [0, 2]


def test_pick_joins_short_texts_when_a_run_is_dear() -> None:
    assert pick_batch([30, 5, 28], max_items=8, max_tokens=4096, run_cost_tokens=64) == [0, 1, 2]


def test_pick_lets_a_single_item_exceed_the_budget() -> None:
    assert pick_batch([500, 500], max_items=8, max_tokens=100, run_cost_tokens=8) == [0]


@given(
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=60),
    max_items=st.integers(1, 40),
    max_tokens=st.integers(16, 4096),
    run_cost=st.integers(0, 64),
)
def test_pick_keeps_its_bounds(lengths: list[int], max_items: int, max_tokens: int, run_cost: int) -> None:
    chosen = pick_batch(lengths, max_items=max_items, max_tokens=max_tokens, run_cost_tokens=run_cost)
    assert chosen[0] == 0
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= max_items
    padded = len(chosen) * max(lengths[i] for i in chosen)
    assert len(chosen) == 1 or padded <= max_tokens
    # joining must never cost more than a run for each
    assert padded <= sum(lengths[i] for i in chosen) + run_cost * (len(chosen) - 1)
