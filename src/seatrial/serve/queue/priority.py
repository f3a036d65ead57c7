"""Who gets the processor when there is not enough of it: the event loop before the computation.

The event loop needs little and needs it at once: it answers probes, refuses what there is no room for, and hands out
what is done. Threads that compute for 20 ms at a time would make it wait for its turn behind them, ever longer the
busier the service is. On Linux priority belongs to a thread and is inherited by the threads that it starts, so what
computes is made by threads of a lower one; it loses nothing while the event loop sleeps. Elsewhere nothing changes.
Refuses to know: what is computed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

__all__ = ["COMPUTE_NICENESS", "SWITCH_S", "made_by_computing_thread", "step_back"]

T = TypeVar("T")

COMPUTE_NICENESS = 5
"""About a third of the event loop's weight. With more, a computing thread that holds the interpreter's lock gets no
processor to give it back, and the event loop waits for it: 10 and 19 were measured and are worse (docs/log.md)."""

SWITCH_S = 0.0005
"""How long a thread may keep the interpreter's lock from another (`sys.setswitchinterval`). Python's own 5 ms are a
tenth of the time that a contract gives a whole answer, at every turn of the event loop."""


def step_back() -> None:
    """Give the calling thread, and the threads that it will start, the priority of computation. Cannot be undone."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; then all threads are equal as before
            thread = threading.get_native_id()
            niceness = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, niceness + COMPUTE_NICENESS))


def made_by_computing_thread(make: Callable[[], T]) -> T:
    """What `make` returns or raises, called in a thread of lower priority: threads that it starts compute."""
    with ThreadPoolExecutor(1, thread_name_prefix="seatrial-load", initializer=step_back) as thread:
        return thread.submit(make).result()
