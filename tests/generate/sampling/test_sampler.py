from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.generate.request import SamplingSettings
from seatrial.generate.sampling.sampler import HEAD, Sampler

LOGITS = np.log(np.array([0.5, 0.2, 0.15, 0.1, 0.05], dtype=np.float32))


def drawn(count: int = 2000, logits: np.ndarray = LOGITS, **settings: Any) -> Counter[int]:
    found: Counter[int] = Counter()
    for seed in range(count):
        found[Sampler(SamplingSettings(seed=seed, **settings), [0]).choose(logits.copy()).token_id] += 1
    return found


def test_draws_follow_the_probabilities() -> None:
    found = drawn()
    for token, probability in enumerate(np.exp(LOGITS)):
        assert abs(found[token] / 2000 - probability) < 4 * math.sqrt(probability / 2000)


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"temperature": 0}, {0}),
        ({"temperature": 1e-9}, {0}),
        ({"top_k": 1}, {0}),
        ({"top_k": 3}, {0, 1, 2}),
        ({"top_p": 0.5}, {0}),
        ({"top_p": 0.51}, {0, 1}),
        ({"top_p": 0.8}, {0, 1, 2}),
        ({"min_p": 0.25}, {0, 1, 2}),
        ({"min_p": 1.0}, {0}),
        ({"top_k": 4, "top_p": 0.7}, {0, 1}),  # of the four, the first two hold 0.7 / 0.95 = 0.74
        ({"top_k": 4, "min_p": 0.35}, {0, 1}),
        ({"logit_bias": {4: 100.0}}, {4}),
        ({"logit_bias": {0: -100.0}, "top_k": 1}, {1}),
        ({"repetition_penalty": 10.0, "top_k": 1}, {1}),  # 0 is in the prompt
    ],
)
def test_what_each_setting_leaves(settings: dict[str, Any], left: set[int]) -> None:
    assert set(drawn(300, **settings)) == left


def test_temperature_sharpens_and_flattens() -> None:
    cold, plain, hot = (drawn(1000, temperature=temperature)[0] for temperature in (0.5, 1.0, 2.0))
    assert cold > plain + 50 > hot + 100


def test_penalties_count_what_was_said() -> None:
    sampler = Sampler(SamplingSettings(temperature=0, presence_penalty=0.5, frequency_penalty=0.3), [0, 0, 1])
    row = np.array([1.0, 0.6, 0.1], dtype=np.float32)
    assert [sampler.choose(row.copy()).token_id for _ in range(6)] == [0, 1, 0, 2, 0, 1]


def test_repetition_divides_what_is_above_zero_and_multiplies_what_is_below() -> None:
    sampler = Sampler(SamplingSettings(temperature=0, repetition_penalty=2.0), [0, 1])
    row = np.array([4.0, -1.0, 1.9], dtype=np.float32)
    assert sampler.choose(row).token_id == 0
    np.testing.assert_allclose(row, [2.0, -2.0, 1.9])


def test_log_probabilities_are_the_networks_own() -> None:
    settings = SamplingSettings(temperature=0, logit_bias={4: 50.0}, log_probabilities=2)
    choice = Sampler(settings, [0]).choose(LOGITS + 3)
    assert choice.token_id == 4
    assert choice.log_probability == pytest.approx(math.log(0.05), abs=1e-5)
    assert [token for token, _ in choice.top] == [0, 1]
    assert [math.exp(log) for _, log in choice.top] == pytest.approx([0.5, 0.2], abs=1e-5)
    assert Sampler(SamplingSettings(log_probabilities=0), [0]).choose(LOGITS.copy()).top == ()


@given(
    seed=st.integers(0, 2**32 - 1),
    top_p=st.floats(0.01, 1),
    min_p=st.floats(0, 1),
    top_k=st.integers(0, 40),
    spread=st.sampled_from([0.0, 0.01, 3.0]),
)
def test_what_is_left_is_that_of_the_plain_definition(
    seed: int, top_p: float, min_p: float, top_k: int, spread: float
) -> None:
    """Also where the shortcut over the best few must give way to the whole vocabulary."""
    logits = (np.random.default_rng(seed).standard_normal(2 * HEAD + 3) * spread).astype(np.float32)
    found = Sampler(SamplingSettings(top_p=top_p, min_p=min_p, top_k=top_k), [0])._left(logits)
    order = np.argsort(-logits, kind="stable")[: top_k or None]
    weights = np.exp(logits[order].astype(np.float64))
    weights /= weights.sum()
    before = np.concatenate([[0], np.cumsum(weights)[:-1]])
    certain = (before < top_p - 1e-6) & (weights >= weights[0] * min_p * (1 + 1e-5))
    certain[0] = True
    possible = (before < top_p + 1e-6) & (weights >= weights[0] * min_p * (1 - 1e-5))
    assert certain.sum() <= len(found.token_ids) <= max(1, possible.sum())
    if top_k or top_p < 1 or min_p > 0:
        np.testing.assert_array_equal(found.token_ids, order[: len(found.token_ids)])


def test_seeds_draw_alike_and_answers_of_one_request_do_not() -> None:
    def tokens(seed: int | None, index: int) -> list[int]:
        sampler = Sampler(SamplingSettings(seed=seed), [0], index)
        return [sampler.choose(LOGITS.copy()).token_id for _ in range(30)]

    assert tokens(3, 0) == tokens(3, 0)
    assert len({tuple(tokens(3, index)) for index in range(4)}) == 4
    assert tokens(None, 0) != tokens(None, 0)


def test_equal_logits_take_the_lower_id() -> None:
    assert Sampler(SamplingSettings(temperature=0), [0]).choose(np.zeros(9, dtype=np.float32)).token_id == 0
