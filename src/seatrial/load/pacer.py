"""Wakes an event loop at a moment, to some 50 µs where Linux' timerfd is there.

Event loops sleep in whole milliseconds (epoll's unit), which at 1,000 requests per second would make bursts out of an
even schedule and add up to a millisecond to latencies of two. Spinning instead would take the core from the service.
Refuses to know: what happens at that moment.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable

__all__ = ["Pacer"]

CLOCK_MONOTONIC = 1
ABSOLUTE = 1
NONBLOCK_CLOEXEC = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec`: interval and value, each seconds and nanoseconds."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class Pacer:
    """Calls `wake` once per `wake_at`, never before the moment. `close` it in the end.

    Args:
        loop: the running event loop.
        wake: called from the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop, self._wake = loop, wake
        self._fd = -1
        self._timer: asyncio.TimerHandle | None = None
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, NONBLOCK_CLOEXEC)
            if self._fd >= 0:
                loop.add_reader(self._fd, self._expired)

    def wake_at(self, moment_s: float) -> None:
        """Arm for a moment of `time.monotonic`; one that has passed wakes in the next round of the loop."""
        if self._fd < 0:
            self._timer = self._loop.call_later(max(0.0, moment_s - time.monotonic()), self._wake)
            return
        ns = max(1, int(moment_s * 1e9) + 1)  # 0 would disarm
        spec = _TimerSpec(0, 0, ns // 1_000_000_000, ns % 1_000_000_000)
        self._libc.timerfd_settime(self._fd, ABSOLUTE, ctypes.byref(spec), None)

    def close(self) -> None:
        """Disarm and give the timer back."""
        if self._timer is not None:
            self._timer.cancel()
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)  # else the loop would see it expired forever
        except BlockingIOError:  # armed anew in the same round
            return
        self._wake()
