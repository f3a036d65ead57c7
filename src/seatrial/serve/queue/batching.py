"""Dynamic batching: items from many requests are computed together, as soon as the engine is free.

There is no fixed wait. An item that finds the engine idle is computed at once, alone; what arrives meanwhile is batched
by length under two limits: a token budget, and the time that a batch may take (learned, see `cost`), so that nobody
waits long behind a giant. What cannot be answered in time is refused at the door; what expires in the queue is dropped
before it is computed. Refuses to know: texts, models and transports. An item is anything with a length, and `compute`
is any function from a batch of items to as many answers.
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

from seatrial.errors import BusyError, DeadlineError
from seatrial.serve.queue.batched import Batch, Batched
from seatrial.serve.queue.pace import Pace
from seatrial.serve.queue.picking import pick_batch
from seatrial.serve.queue.priority import step_back

__all__ = ["Batch", "Batched", "Batcher"]

Item = TypeVar("Item", bound=Sized)
Answer = TypeVar("Answer")

WINDOW_BATCHES = 8  # how many batches' worth of the queue is searched for similar lengths
SURE = 0.8  # who is let in should be done within this share of its time: how long it waits is an estimate
LOOK_EVERY_S = 0.005  # a full queue is searched for what has expired no oftener, as every refusal would pay for it
CLOCK_S = 0.002  # a loop's clock may be a millisecond behind; who wakes early finds nothing expired
STOPPING = "the service is stopping"


@dataclass(slots=True, eq=False)
class _Request(Generic[Answer]):
    """The items of one caller: answered when the last of them is."""

    answers: list[Answer | None]
    missing: int
    deadline: float
    submitted: float
    done: asyncio.Future[Batched[Answer]]


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Answer]):
    """One item in the queue and where its answer goes."""

    item: Item
    request: _Request[Answer]
    position: int


def _unheard(batch: Batch) -> None:
    """An observer that keeps nothing."""


@dataclass(eq=False)
class Batcher(Generic[Item, Answer]):
    """Queue in front of a computation. Belongs to one event loop; `compute` runs in its own threads.

    Attributes:
        compute: batch → answers in the same order. Called in a worker thread.
        max_items: items in one batch, at most.
        max_tokens: tokens in one batch, padding included.
        max_batch_s: how long a batch should take, at most; one that holds a single item may take longer.
        max_waiting: items in the queue, at most, unless the queue is empty.
        max_waiting_tokens: tokens in the queue, at most, unless the queue is empty.
        max_wait_s: how long an item may be expected to wait, at most.
        workers: batches computed at the same time, at most.
        observe: told of each batch, in the event loop.
    """

    compute: Callable[[Sequence[Item]], Sequence[Answer]]
    max_items: int = 32
    max_tokens: int = 4096
    max_batch_s: float = math.inf
    max_waiting: int = 512
    max_waiting_tokens: int = 65_536
    max_wait_s: float = math.inf
    workers: int = 1
    observe: Callable[[Batch], None] = _unheard
    _queue: deque[_Waiting[Item, Answer]] = field(default_factory=deque, init=False)
    _waiting_tokens: int = field(default=0, init=False)
    _running: int = field(default=0, init=False)
    _running_items: int = field(default=0, init=False)
    _running_tokens: int = field(default=0, init=False)
    _closed: bool = field(default=False, init=False)
    _pace: Pace = field(default_factory=Pace, init=False)
    _alarm: asyncio.TimerHandle | None = field(default=None, init=False)
    _looked: float = field(default=-math.inf, init=False)
    _cancelled: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="seatrial-compute", initializer=step_back)
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Items in the queue, not counting those being computed."""
        return len(self._queue)

    @property
    def waiting_tokens(self) -> int:
        """Tokens in the queue."""
        return self._waiting_tokens

    @property
    def in_flight(self) -> int:
        """Items accepted and not answered yet."""
        return len(self._queue) + self._running_items

    @property
    def expected_wait_s(self) -> float:
        """How long an item that came now would wait, at the speed of late; 0 before anything was computed."""
        return (self._waiting_tokens + self._running_tokens) * self._pace.seconds_per_token / self.workers

    async def submit(self, items: Sequence[Item], *, deadline: float = math.inf) -> Batched[Answer]:
        """Compute `items`, together with what others sent.

        Cancelling the call drops those of its items that are not being computed yet.

        Args:
            items: at least one.
            deadline: on `time.monotonic`'s clock; an item that still waits then is dropped.

        Raises:
            BusyError: the queue is full or too slow, or the batcher is closed.
            DeadlineError: they would not be done by the deadline, or it passed while they waited.
            Exception: whatever `compute` raised for one of the items' batches.
        """
        self._admit(len(items), sum(map(len, items)), deadline)
        loop = asyncio.get_running_loop()
        request = _Request[Answer]([None] * len(items), len(items), deadline, time.monotonic(), loop.create_future())
        self._queue.extend(_Waiting(item, request, position) for position, item in enumerate(items))
        self._waiting_tokens += sum(map(len, items))
        self._start_batches()
        if self._queue:
            self._wake_at(deadline)
        try:
            return await request.done
        except asyncio.CancelledError:
            self._cancelled = True
            raise

    async def close(self, grace_s: float) -> None:
        """Take no more; answer what waits for up to `grace_s` seconds, then refuse the rest and stop the threads."""
        self._closed = True
        try:
            await asyncio.wait_for(self._idle.wait(), grace_s)
        except TimeoutError:
            for waiting in self._queue:
                if not waiting.request.done.done():
                    waiting.request.done.set_exception(BusyError(STOPPING))
            self._queue.clear()
            self._waiting_tokens = 0
        if self._alarm is not None:
            self._alarm.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def check_room(self, items: int, deadline: float) -> None:
        """Refuse at once what `submit` would refuse, whatever tokens the items turn out to have.

        Raises:
            BusyError: as `submit`.
        """
        self._admit(items, 0, deadline)

    def _admit(self, items: int, tokens: int, deadline: float) -> None:
        """Refuse what there is no room or no time for."""
        if self._closed:
            raise BusyError(STOPPING)
        now = time.monotonic()
        if self._full(items, tokens) and (self._cancelled or now - self._looked > LOOK_EVERY_S):
            self._drop_hopeless(self._pace.lead_s)
        wait_s = self.expected_wait_s
        # Where nothing runs it is tried in any case: else nothing would be learned of a faster time.
        needed_s = (wait_s + self._pace.lead_s) / SURE if self._running else 0.0
        too_long = self._running and wait_s > self.max_wait_s
        if self._full(items, tokens) or too_long:
            raise BusyError("the service is busy", retry_after_s=max(1, math.ceil(wait_s)))
        if now + needed_s > deadline:
            raise DeadlineError("the answer would come too late", retry_after_s=max(1, math.ceil(wait_s)))

    def _wake_at(self, deadline: float) -> None:
        """Look at the queue when a deadline passes, should no batch end before: the earliest one that is waited for."""
        loop = asyncio.get_running_loop()
        due = loop.time() + deadline - time.monotonic() + CLOCK_S
        if math.isinf(due) or (self._alarm is not None and self._alarm.when() <= due):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = loop.call_at(due, self._refuse_expired)

    def _refuse_expired(self) -> None:
        """Tell those whose time is over, and wait for the next deadline."""
        self._alarm = None
        self._drop_hopeless(0.0)
        if self._queue:
            self._wake_at(min(waiting.request.deadline for waiting in self._queue))

    def _full(self, items: int, tokens: int) -> bool:
        if not self._queue:
            return False
        return len(self._queue) + items > self.max_waiting or self._waiting_tokens + tokens > self.max_waiting_tokens

    def _start_batches(self, lead_s: float = 0.0) -> None:
        """Hand batches to idle workers. Runs in the event loop, like everything that touches the queue."""
        while self._running < self.workers and (batch := self._take_batch(lead_s)):
            self._running += 1
            self._running_items += len(batch)
            self._running_tokens += sum(len(waiting.item) for waiting in batch)
            self._idle.clear()
            self._start(batch)

    def _start(self, batch: list[_Waiting[Item, Answer]]) -> None:
        loop, started = asyncio.get_running_loop(), time.monotonic()

        def finished(result: Future[Sequence[Answer]]) -> None:  # in the worker's thread
            loop.call_soon_threadsafe(self._finish, batch, result, started, time.monotonic() - started)

        self._threads.submit(self.compute, [waiting.item for waiting in batch]).add_done_callback(finished)

    def _take_batch(self, lead_s: float) -> list[_Waiting[Item, Answer]]:
        """Remove the next batch from the queue; empty when nothing waits."""
        self._drop_hopeless(lead_s)
        if not self._queue:
            return []
        window = [self._queue.popleft() for _ in range(min(len(self._queue), WINDOW_BATCHES * self.max_items))]
        within_time = self.max_tokens if math.isinf(self.max_batch_s) else self._pace.tokens_within(self.max_batch_s)
        chosen = pick_batch(
            [len(waiting.item) for waiting in window],
            max_items=self.max_items,
            max_tokens=min(self.max_tokens, within_time),
            run_cost_tokens=self._pace.run_tokens,
        )
        taken = set(chosen)
        self._queue.extendleft(window[i] for i in reversed(range(len(window))) if i not in taken)
        self._waiting_tokens -= sum(len(window[i].item) for i in chosen)
        return [window[i] for i in chosen]

    def _drop_hopeless(self, lead_s: float) -> None:
        """Forget items that nobody waits for any more, and refuse those with less time left than a batch takes."""
        self._looked, self._cancelled = time.monotonic(), False
        latest, hopeless = self._looked + lead_s, False
        for waiting in self._queue:
            request = waiting.request
            if request.deadline < latest and not request.done.done():
                request.done.set_exception(
                    DeadlineError(
                        "the answer would have come too late", retry_after_s=max(1, math.ceil(self.expected_wait_s))
                    )
                )
            hopeless = hopeless or request.done.done()
        if hopeless:
            self._queue = deque(waiting for waiting in self._queue if not waiting.request.done.done())
            self._waiting_tokens = sum(len(waiting.item) for waiting in self._queue)

    def _finish(
        self, batch: list[_Waiting[Item, Answer]], result: Future[Sequence[Answer]], started: float, seconds: float
    ) -> None:
        """Hand out the answers of a finished batch; start the next one first, so that the engine never idles."""
        lengths = [len(waiting.item) for waiting in batch]
        tokens, padded = sum(lengths), len(lengths) * max(lengths)
        self._running -= 1
        self._running_items -= len(batch)
        self._running_tokens -= tokens
        self._pace.learn(tokens, padded, seconds)
        self._start_batches(self._pace.lead_s)
        if not self._running:
            self._idle.set()
        error = result.exception()
        answers: Sequence[Answer | None] = [None] * len(batch) if error else result.result()
        if len(answers) != len(batch):  # nobody may wait for ever, whatever is wrong with the computation
            error, answers = RuntimeError(f"{len(answers)} answers to {len(batch)} items"), [None] * len(batch)
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
                waited_s = started - request.submitted
                # every place is filled by now
                request.done.set_result(Batched(request.answers, waited_s, seconds))  # type: ignore[arg-type]
        self.observe(Batch(len(batch), tokens, padded, seconds))
