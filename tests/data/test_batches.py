"""Batches under a token budget: complete, bounded, homogeneous, mixed between seeds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.batches import token_budget_batches

lengths_ = st.lists(st.integers(0, 300), max_size=300)


@given(lengths_, st.integers(1, 400), st.integers(1, 20), st.none() | st.integers(0, 99))
def test_every_index_once_and_every_batch_in_budget(
    lengths: list[int], max_tokens: int, max_items: int, seed: int | None
) -> None:
    batches = token_budget_batches(lengths, max_tokens=max_tokens, max_items=max_items, seed=seed)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or len(batch) * longest <= max_tokens
        assert 1 <= len(batch) <= max_items
    assert batches == token_budget_batches(lengths, max_tokens=max_tokens, max_items=max_items, seed=seed)


def test_without_a_seed_from_long_to_short() -> None:
    assert token_budget_batches([1, 9, 3, 3, 50], max_tokens=10, max_items=2) == [[4], [1], [2, 3], [0]]


@pytest.fixture
def realistic(seed: int) -> list[int]:
    rng = random.Random(seed)
    return [min(128, max(3, int(rng.lognormvariate(3, 0.6)))) for _ in range(20_000)]


def waste(lengths: list[int], batches: list[list[int]]) -> float:
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)
    return padded / sum(lengths) - 1


def test_little_padding_even_when_shuffled(realistic: list[int]) -> None:
    batches = token_budget_batches(realistic, max_tokens=2048, max_items=64, seed=1)
    assert waste(realistic, batches) < 0.05
    assert len(batches) < 1.3 * max(sum(realistic) / 2048, len(realistic) / 64)


def test_epochs_differ_in_order_and_in_company(realistic: list[int]) -> None:
    first, second = (token_budget_batches(realistic, max_tokens=2048, max_items=64, seed=seed) for seed in (1, 2))
    companies = {frozenset(batch) for batch in first}
    assert sum(frozenset(batch) in companies for batch in second) < 0.01 * len(second)
    means = [sum(realistic[index] for index in batch) / len(batch) for batch in first]
    half = len(means) // 2
    assert abs(sum(means[:half]) / half - sum(means[half:]) / (len(means) - half)) < 8  # long ones come at any time


@pytest.mark.parametrize(("lengths", "max_tokens", "max_items"), [([1], 0, 1), ([1], 1, 0), ([-1], 1, 1)])
def test_impossible_bounds(lengths: list[int], max_tokens: int, max_items: int) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1|negative"):
        token_budget_batches(lengths, max_tokens=max_tokens, max_items=max_items)


def test_nothing_gives_no_batches() -> None:
    assert token_budget_batches([], max_tokens=1, max_items=1, seed=3) == []
