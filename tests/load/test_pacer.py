from __future__ import annotations

import asyncio
import sys
import time

import pytest

from seatrial.load.pacer import Pacer

from ..timeliness import in_time


def lateness_s(moments: list[float]) -> list[float]:
    """How late the pacer wakes at each of these delays, one after another."""

    async def main() -> list[float]:
        late = []
        woken = asyncio.Event()
        pacer = Pacer(asyncio.get_running_loop(), woken.set)
        try:
            for delay_s in moments:
                woken.clear()
                moment = time.monotonic() + delay_s
                pacer.wake_at(moment)
                await asyncio.wait_for(woken.wait(), 60)
                late.append(time.monotonic() - moment)
        finally:
            pacer.close()
        return late

    return asyncio.run(main())


@pytest.mark.timed
def test_it_never_wakes_early_and_rarely_late() -> None:
    late = lateness_s([0.0003, 0.0017, 0.0105] * 20)
    assert min(late) >= 0
    in_time(sorted(late)[len(late) // 2], 0.005, "seconds by which the pacer wakes late")


@pytest.mark.timed
def test_a_moment_that_has_passed_wakes_at_once() -> None:
    in_time(max(lateness_s([-1.0, -0.001])), 2, "seconds after a moment that has passed, the second included")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the event loop's own timer is used")
def test_the_loops_own_timer_is_used_where_there_is_no_timerfd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "other")
    assert min(lateness_s([0.002, 0.004])) >= -0.001
