"""Times missed twice count, unless the machine was held up; what is wrong counts always."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from . import timeliness
from .timeliness import MissedTime, in_time, timely, twice_if_late, watched


class Body:
    """A test's body that takes so long, in turn."""

    def __init__(self, *took_s: float) -> None:
        self.left = list(took_s)

    def __call__(self) -> None:
        in_time(self.left.pop(0), 1.0, "a second")


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Decides what the machine goes through."""
    monkeypatch.setattr(timeliness, "QUIET_S", 0.0)
    monkeypatch.setattr(timeliness, "PATIENCE_S", 0.0)
    monkeypatch.delenv("SEATRIAL_SOAK", raising=False)
    return lambda share: monkeypatch.setattr(timeliness.Machine, "held_up", property(lambda _: share > 0.25))


def test_what_is_in_time_is_done_once(held_up: Callable[[float], None]) -> None:
    held_up(1.0)
    body = Body(1.0, 99.0)
    twice_if_late(body, pytest.fail)
    assert body.left == [99.0]


def test_a_time_missed_twice_on_a_quiet_machine_fails(held_up: Callable[[float], None]) -> None:
    held_up(0.0)
    with pytest.raises(MissedTime, match=r"a second: 1\.1 instead of at most 1"):
        twice_if_late(Body(9.0, 1.1), pytest.fail)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_missed_time_is_measured_again(held_up: Callable[[float], None], share: float) -> None:
    held_up(share)
    twice_if_late(Body(float("inf"), 0.9), pytest.fail)


def test_nothing_is_said_where_the_machine_was_held_up_twice(held_up: Callable[[float], None]) -> None:
    held_up(1.0)
    told: list[str] = []
    twice_if_late(Body(2.0, 3.0), told.append)
    assert "a second: 3 instead of at most 1" in told[0]
    with pytest.raises(MissedTime):  # no machine is so busy
        twice_if_late(Body(2.0, 11.0), pytest.fail)
    with pytest.raises(MissedTime):
        twice_if_late(Body(2.0, float("inf")), pytest.fail)


def test_what_is_wrong_is_never_done_again(held_up: Callable[[float], None]) -> None:
    held_up(1.0)
    calls: list[int] = []

    def wrong() -> None:
        calls.append(1)
        assert not calls, "wrong"

    with pytest.raises(AssertionError, match="wrong"):
        twice_if_late(wrong, pytest.fail)
    assert calls == [1]


def test_the_deep_form_is_strict(held_up: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
    held_up(1.0)
    monkeypatch.setenv("SEATRIAL_SOAK", "1")
    with pytest.raises(MissedTime):
        twice_if_late(Body(2.0, 0.1), pytest.fail)


def test_not_a_number_is_no_time() -> None:
    with pytest.raises(MissedTime) as caught:
        in_time(float("nan"), 1.0, "a second")
    assert caught.value.by_far
    with pytest.raises(MissedTime):
        timely(False, "in a client's patience")


def test_the_own_work_is_not_taken_for_that_of_others() -> None:
    with watched() as machine:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
    assert 0 <= machine.taken <= 1
    assert machine.late_ms > 0


attempts: list[int] = []


@pytest.mark.timed
def test_the_mark_runs_a_body_again(held_up: Callable[[float], None], seed: int) -> None:
    held_up(1.0)
    attempts.append(seed)
    timely(len(attempts) == 2, "the first attempt is always too late")
