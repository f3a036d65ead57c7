"""How fast a queue is worked off: what newcomers are told, and when something is begun too late."""

from __future__ import annotations

import pytest

from seatrial.serve.queue.pace import MOST_RUN_TOKENS, Pace


def test_the_first_batch_counts_whole_and_later_ones_by_and_by() -> None:
    pace = Pace()
    assert pace.seconds_per_token == 0
    pace.learn(10, 20, 0.1)
    assert pace.seconds_per_token == pytest.approx(0.01)
    assert pace.lead_s == pytest.approx(0.5), "one batch says nothing of how they vary"
    for _ in range(200):
        pace.learn(10, 20, 0.1)
    assert pace.lead_s == pytest.approx(0.1, abs=0.01)
    for _ in range(200):
        pace.learn(10, 20, 0.3)
    assert pace.seconds_per_token == pytest.approx(0.03, rel=0.01)


def test_a_run_that_costs_much_is_shared_by_more_than_one() -> None:
    pace = Pace()
    for tokens in (1, 10, 100, 1000) * 20:
        pace.learn(tokens, tokens, 0.03 + 0.0001 * tokens)
    assert pace.tokens_within(0.025) == pytest.approx(300, rel=0.1)
    assert pace.run_tokens == MOST_RUN_TOKENS


def test_nothing_computed_is_no_division_by_nothing() -> None:
    pace = Pace()
    pace.learn(0, 0, 0.0)
    assert pace.tokens_within(0.025) >= 1


def test_one_short_text_computed_slowly_says_little_of_long_batches() -> None:
    """As the first one of a new process often is: what waits behind it must not be refused for that."""
    pace = Pace()
    pace.learn(20, 20, 0.4)
    pace.learn(600, 640, 0.03)
    assert pace.seconds_per_token == pytest.approx(0.43 / 620)
    for _ in range(8):
        pace.learn(600, 640, 0.03)
    assert pace.seconds_per_token * 480 < 0.1
