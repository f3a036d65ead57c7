"""Dynamic batching: items from many requests are computed together, as soon as the engine is free.

There is no fixed wait. An item that finds the engine idle is computed at once, alone; what arrives meanwhile is batched
by length, so that little is spent on padding. Refuses to know: texts, models and transports. An item is anything with
a length, and `compute` is any function from a batch of items to as many answers.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from seatrial.errors import BusyError

__all__ = ["Batcher", "pick_batch"]

Item = TypeVar("Item", bound=Sized)
Answer = TypeVar("Answer")

# Measured on MiniLM with one thread: a run costs about 3 tokens more in int8, 14 in fp32. A figure too high wastes more
# on padding than one too low wastes on runs, and small batches answer the first of 32 clients sooner.
RUN_COST_TOKENS = 4
WINDOW_BATCHES = 8  # how many batches' worth of the queue is searched for similar lengths


def pick_batch(lengths: Sequence[int], *, max_items: int, max_tokens: int, run_cost_tokens: int) -> list[int]:
    """Choose what to compute next from a queue.

    The oldest item is always chosen, so nothing starves. Others join in the order of how near their length is to
    the oldest's, each only if the padding that it causes is cheaper than a run of its own.

    Args:
        lengths: tokens per waiting item, oldest first; not empty.
        max_items: items in the batch, at most.
        max_tokens: items x longest, at most (a single item may exceed it).
        run_cost_tokens: what one run costs beyond its tokens, expressed in tokens.

    Returns:
        Indices into `lengths`, ascending; 0 is always among them.
    """
    longest = lengths[0]
    chosen = [0]
    nearest = sorted(range(1, len(lengths)), key=lambda i: abs(lengths[i] - lengths[0]))
    for index in nearest[: max_items - 1]:
        size, length = len(chosen) + 1, max(longest, lengths[index])
        grown = size * length - len(chosen) * longest
        if size * length > max_tokens or grown > lengths[index] + run_cost_tokens:
            break
        chosen.append(index)
        longest = length
    return sorted(chosen)


@dataclass(slots=True, eq=False)
class _Request(Generic[Answer]):
    """The items of one caller: answered when the last of them is."""

    answers: list[Answer | None]
    missing: int
    done: asyncio.Future[list[Answer | None]]


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Answer]):
    """One item in the queue and where its answer goes."""

    item: Item
    request: _Request[Answer]
    position: int


def _unheard(items: int, tokens: int, seconds: float) -> None:
    """An observer that keeps nothing."""


@dataclass(eq=False)
class Batcher(Generic[Item, Answer]):
    """Queue in front of a computation. Belongs to one event loop; `compute` runs in its own thread.

    Attributes:
        compute: batch → answers in the same order. Called in a worker thread.
        max_items: items in one batch, at most.
        max_tokens: tokens in one batch, padding included.
        max_waiting: items in the queue, at most.
        workers: batches computed at the same time, at most.
        run_cost_tokens: what one run costs beyond its tokens, expressed in tokens; see `pick_batch`.
        observe: told items, tokens (with padding) and seconds of each batch, in the event loop.
    """

    compute: Callable[[Sequence[Item]], Sequence[Answer]]
    max_items: int = 32
    max_tokens: int = 4096
    max_waiting: int = 512
    workers: int = 1
    run_cost_tokens: int = RUN_COST_TOKENS
    observe: Callable[[int, int, float], None] = _unheard
    _queue: deque[_Waiting[Item, Answer]] = field(default_factory=deque, init=False)
    _running: int = field(default=0, init=False)
    _closed: bool = field(default=False, init=False)
    _seconds_per_item: float = field(default=0.01, init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="seatrial-compute")
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Items in the queue, not counting those being computed."""
        return len(self._queue)

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Compute `items`, together with what others sent.

        Cancelling the call drops those of its items that are not being computed yet.

        Raises:
            BusyError: the queue is full or the batcher is closed.
            Exception: whatever `compute` raised for one of the items' batches.
        """
        if self._closed:
            raise BusyError("the service is stopping")
        if len(self._queue) + len(items) > self.max_waiting:
            self._drop_cancelled()
            if len(self._queue) + len(items) > self.max_waiting:
                wait_s = math.ceil(len(self._queue) * self._seconds_per_item)
                raise BusyError("the service is busy", retry_after_s=max(1, wait_s))
        request = _Request[Answer]([None] * len(items), len(items), asyncio.get_running_loop().create_future())
        self._queue.extend(_Waiting(item, request, position) for position, item in enumerate(items))
        self._start_batches()
        return await request.done  # type: ignore[return-value]  # every place is filled when it is done

    async def close(self, grace_s: float) -> None:
        """Take no more; answer what waits for up to `grace_s` seconds, then refuse the rest and stop the threads."""
        self._closed = True
        try:
            await asyncio.wait_for(self._idle.wait(), grace_s)
        except TimeoutError:
            for waiting in self._queue:
                if not waiting.request.done.done():
                    waiting.request.done.set_exception(BusyError("the service is stopping"))
            self._queue.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start_batches(self) -> None:
        """Hand batches to idle workers. Runs in the event loop, like everything that touches the queue."""
        while self._running < self.workers and (batch := self._take_batch()):
            self._running += 1
            self._idle.clear()
            self._start(batch)

    def _start(self, batch: list[_Waiting[Item, Answer]]) -> None:
        loop, started = asyncio.get_running_loop(), time.perf_counter()

        def finished(result: Future[Sequence[Answer]]) -> None:  # in the worker's thread
            loop.call_soon_threadsafe(self._finish, batch, result, time.perf_counter() - started)

        self._threads.submit(self.compute, [waiting.item for waiting in batch]).add_done_callback(finished)

    def _take_batch(self) -> list[_Waiting[Item, Answer]]:
        """Remove the next batch from the queue; empty when nothing waits."""
        self._drop_cancelled()
        if not self._queue:
            return []
        window = [self._queue.popleft() for _ in range(min(len(self._queue), WINDOW_BATCHES * self.max_items))]
        chosen = pick_batch(
            [len(waiting.item) for waiting in window],
            max_items=self.max_items,
            max_tokens=self.max_tokens,
            run_cost_tokens=self.run_cost_tokens,
        )
        taken = set(chosen)
        self._queue.extendleft(window[i] for i in reversed(range(len(window))) if i not in taken)
        return [window[i] for i in chosen]

    def _drop_cancelled(self) -> None:
        """Forget items whose caller has gone or already got an error."""
        if any(waiting.request.done.done() for waiting in self._queue):
            self._queue = deque(waiting for waiting in self._queue if not waiting.request.done.done())

    def _finish(self, batch: list[_Waiting[Item, Answer]], result: Future[Sequence[Answer]], seconds: float) -> None:
        """Hand out the answers of a finished batch and start the next one first, so that the engine never idles."""
        self._running -= 1
        self._start_batches()
        if not self._running:
            self._idle.set()
        error = result.exception()
        answers: Sequence[Answer | None] = [None] * len(batch) if error else result.result()
        assert len(answers) == len(batch), "compute gives one answer per item"
        for waiting, answer in zip(batch, answers, strict=True):
            request = waiting.request
            if request.done.done():
                continue
            if error:
                request.done.set_exception(error)
                continue
            request.answers[waiting.position] = answer
            request.missing -= 1
            if not request.missing:
                request.done.set_result(request.answers)
        self._seconds_per_item += 0.1 * (seconds / len(batch) - self._seconds_per_item)
        self.observe(len(batch), len(batch) * max(len(waiting.item) for waiting in batch), seconds)
