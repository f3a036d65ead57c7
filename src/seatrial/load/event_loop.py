"""An event loop in which Ctrl-C means: stop, and tell what has been measured. Refuses to know: the work."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["in_event_loop"]

T = TypeVar("T")


def in_event_loop(work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on uvloop where it is installed.

    Args:
        work: takes an event; in the main thread the first Ctrl-C sets it, and a second one interrupts.

    Returns:
        what `work` returns.
    """
    try:
        import uvloop
    except ImportError:  # not on Windows
        factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    else:
        factory = uvloop.new_event_loop

    async def interruptible() -> T:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        in_main = threading.current_thread() is threading.main_thread()

        def first() -> None:
            stop.set()
            loop.remove_signal_handler(signal.SIGINT)

        if in_main:
            try:
                loop.add_signal_handler(signal.SIGINT, first)
            except NotImplementedError:  # Windows: Ctrl-C interrupts at once
                in_main = False
        try:
            return await work(stop)
        finally:
            if in_main:
                loop.remove_signal_handler(signal.SIGINT)

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(interruptible())
