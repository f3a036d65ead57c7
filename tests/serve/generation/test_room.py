"""Who is let in: by slots, by answers and tokens that wait, and by how long a newcomer would wait."""

from __future__ import annotations

import pytest

from seatrial.errors import BusyError, DeadlineError
from seatrial.serve.generation.room import Room

FOREVER = float("inf")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def room(clock: Clock, **changes: float) -> Room:
    settings = {"slots": 2, "context": 100, "max_waiting": 2, "max_waiting_tokens": 100, "max_wait_s": 10.0, **changes}
    return Room(clock=clock, **settings)  # type: ignore[arg-type]


def test_slots_come_first_then_the_queue_then_refusals(clock: Clock) -> None:
    full = room(clock)
    places = [full.take(1, 50, FOREVER) for _ in range(4)]
    assert (full.running, full.waiting, full.tokens) == (2, 2, 200)
    with pytest.raises(BusyError) as refused:
        full.check(1, 1, FOREVER)
    assert refused.value.retry_after_s >= 1
    full.leave(places[0])
    full.check(1, 1, FOREVER)


def test_tokens_that_wait_are_bounded(clock: Clock) -> None:
    full = room(clock, max_waiting=10)
    full.take(2, 200, FOREVER)
    full.take(1, 100, FOREVER)
    with pytest.raises(BusyError):
        full.take(1, 1, FOREVER)


def test_a_request_that_is_larger_than_all_is_let_in_where_nothing_runs(clock: Clock) -> None:
    room(clock).take(2, 10_000, FOREVER)


def test_the_wait_follows_from_how_fast_tokens_came(clock: Clock) -> None:
    full = room(clock)
    first, _ = full.take(1, 60, FOREVER), full.take(1, 60, FOREVER)
    assert full.expected_wait_s == 0  # nothing is known
    for _ in range(20):
        clock.now += 0.1
        full.wrote(first)
    assert full.tokens == 100
    assert full.expected_wait_s == pytest.approx(100 / 10 / 3, rel=0.1)
    with pytest.raises(DeadlineError):
        full.check(1, 1, clock.now + 1)
    full.check(1, 1, clock.now + 60)
    slow = room(clock, max_wait_s=1.0)
    place, _ = slow.take(1, 90, FOREVER), slow.take(1, 90, FOREVER)
    for _ in range(20):
        clock.now += 0.1
        slow.wrote(place)
    with pytest.raises(BusyError):
        slow.check(1, 1, FOREVER)


def test_a_stopping_service_lets_nobody_in(clock: Clock) -> None:
    closed = room(clock)
    closed.closed = True
    with pytest.raises(BusyError, match="stopping"):
        closed.check(1, 1, FOREVER)
