"""Threads that compute have a lower priority than the one that answers, and so have the threads that they start."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from seatrial.serve.queue.batching import Batcher
from seatrial.serve.queue.priority import COMPUTE_NICENESS, made_by_computing_thread
from seatrial.serve.served import load_model
from seatrial.serve.settings import ServeSettings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives priorities to threads")


def niceness() -> int:
    """Of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def threads_by_niceness() -> dict[int, int]:
    """Of this process: thread id → niceness."""
    return {
        int(task.name): os.getpriority(os.PRIO_PROCESS, int(task.name)) for task in Path("/proc/self/task").iterdir()
    }


def test_what_is_computed_steps_back_and_the_event_loop_does_not() -> None:
    async def check() -> None:
        def compute(items: Sequence[list[int]]) -> list[int]:
            return [niceness() for _ in items]

        own = niceness()
        batcher = Batcher(compute)
        assert (await batcher.submit([[1]])).answers == [min(19, own + COMPUTE_NICENESS)]
        assert niceness() == own
        await batcher.close(1)

    asyncio.run(check())


def test_threads_of_what_is_made_inherit_the_priority() -> None:
    own = niceness()
    found: list[int] = []

    def make() -> str:
        helper = threading.Thread(target=lambda: found.append(niceness()))
        helper.start()
        helper.join()
        return "made"

    assert made_by_computing_thread(make) == "made"
    assert found == [min(19, own + COMPUTE_NICENESS)]
    assert niceness() == own


def test_errors_come_through() -> None:
    def fail() -> None:
        raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"):
        made_by_computing_thread(fail)


def test_the_threads_of_a_loaded_model_step_back(toy_release: Path) -> None:
    before = threads_by_niceness()
    model = load_model(toy_release, ServeSettings(threads=3))
    new = {thread: nice for thread, nice in threads_by_niceness().items() if thread not in before}
    assert len(new) >= 2, "the runtime has threads of its own"
    assert set(new.values()) == {min(19, niceness() + COMPUTE_NICENESS)}
    asyncio.run(model.close(1))
