"""What the engine's thread tells the caller of one request: a queue between threads, or between a thread and a loop.

Refuses to know: engines, schedulers. The scheduler puts events in and looks whether the caller still wants them.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

from seatrial.generate.events import Answer, Choice, Finished, FinishReason, Token

__all__ = ["Stream"]


class Stream:
    """The events of one request, in order; for one reader, in a thread (``for``) or an event loop (``async for``).

    Reading raises what the request failed with. A reader that stops early, or an ``async for`` that is cancelled,
    cancels the request. Nothing is lost by reading late: at most `max_tokens` times `n` events are kept.
    """

    def __init__(self) -> None:
        self._events: deque[Token | Finished] = deque()
        self._changed = threading.Condition()
        self._wake: Callable[[], None] | None = None
        self._ended = False
        self._error: Exception | None = None
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether the caller wants no more; the scheduler ends the request at its next step."""
        return self._cancelled

    def cancel(self) -> None:
        """Want no more. Never blocks; does nothing to a request that has ended."""
        self._cancelled = True

    def put(self, event: Token | Finished) -> None:
        """For the scheduler: tell the reader."""
        self._tell(event)

    def close(self, error: Exception | None = None) -> None:
        """For the scheduler: no more events; `error` is what reading then raises."""
        self._tell(None, error)

    def __iter__(self) -> Iterator[Token | Finished]:
        try:
            while True:
                with self._changed:
                    while not self._events and not self._ended:
                        self._changed.wait()
                    event = self._next()
                if event is None:
                    return
                yield event
        finally:
            self.cancel()

    async def __aiter__(self) -> AsyncIterator[Token | Finished]:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:  # in the engine's thread
            loop.call_soon_threadsafe(ready.set)

        try:
            while True:
                with self._changed:
                    waits = not self._events and not self._ended
                    event = None if waits else self._next()
                    self._wake = wake if waits else None
                if waits:
                    await ready.wait()
                    ready.clear()
                elif event is None:
                    return
                else:
                    yield event
        finally:
            self._wake = None
            self.cancel()

    def answers(self) -> list[Answer]:
        """Wait for the end; the answers in order of their number."""
        choices: dict[int, list[Choice]] = {}
        reasons: dict[int, FinishReason] = {}
        for event in self:
            if isinstance(event, Token):
                choices.setdefault(event.index, []).append(event.choice)
            else:
                reasons[event.index] = event.reason
        return [Answer(tuple(choices.get(index, ())), reasons[index]) for index in sorted(reasons)]

    def _tell(self, event: Token | Finished | None, error: Exception | None = None) -> None:
        with self._changed:
            if self._ended:
                return
            if event is None:
                self._ended, self._error = True, error
            else:
                self._events.append(event)
            wake, self._wake = self._wake, None
            self._changed.notify_all()
        if wake is not None:
            try:
                wake()
            except RuntimeError:  # the reader's event loop is closed: nobody reads any more
                self.cancel()

    def _next(self) -> Token | Finished | None:
        """With the lock held: the next event, or None at the end."""
        if self._events:
            return self._events.popleft()
        if self._error is not None:
            raise self._error
        return None
