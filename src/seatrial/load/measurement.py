"""One run under way: its connections, its counts, and who is told. Refuses to know: the schedule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from seatrial.load.answers import Answer
from seatrial.load.connections import ConnectionPool, Flight
from seatrial.load.result import LoadResult, Tally, percentile
from seatrial.load.sending import Sending, requests_of
from seatrial.load.target import target_of
from seatrial.progress import Progress

__all__ = ["SWEEP_S", "Measurement"]

SWEEP_S = 0.05
"""How often the end of a run and timeouts are looked for."""
SWEEPS_PER_REPORT = 10


class Measurement:
    """Sends requests when it is told to and counts what becomes of them.

    Args:
        url: the service.
        texts: sent in turn.
        sending: batch, protocol, key, limits.
        duration_s: length of the schedule in seconds.
        on_answer: called with every request's end, or None.
        progress: told twice a second.
        stop: ends the run early.
    """

    def __init__(
        self,
        url: str,
        texts: Sequence[str],
        sending: Sending,
        *,
        duration_s: float,
        on_answer: Callable[[Answer], None] | None,
        progress: Progress,
        stop: asyncio.Event | None,
    ) -> None:
        self.stop = stop or asyncio.Event()
        self.on_end: Callable[[Answer], None] | None = None
        self._sending, self._duration_s = sending, duration_s
        self._on_answer, self._progress = on_answer, progress
        self._tally = Tally()
        target = target_of(url, allow_remote=sending.allow_remote)
        requests = requests_of(target, texts, sending)
        self._bodies = len(requests)
        self.pool = ConnectionPool(
            target,
            requests,
            limit=sending.connections,
            timeout_s=sending.timeout_s,
            idle_s=sending.idle_s,
            ended=self._ended,
        )
        self._reported = 0
        self.started_s, self._cpu_s = time.monotonic(), time.thread_time()

    def send(self, number: int, due_s: float) -> None:
        """Send request `number`, whose moment was `due_s`."""
        self._tally.due(time.monotonic() - due_s)
        self.pool.send(Flight(number, number % self._bodies, due_s))

    async def sweep_until(self, finished: Callable[[], bool]) -> None:
        """Time requests out and tell the progress until the run is finished or stopped."""
        sweeps = 0
        while not finished() and not self.stop.is_set():
            await asyncio.sleep(SWEEP_S)
            self.pool.expire()
            sweeps += 1
            if sweeps % SWEEPS_PER_REPORT == 0:
                self._report()
        self._report(over=True)

    def result(self, *, rate: float | None = None, clients: int | None = None) -> LoadResult:
        """The figures so far."""
        now = time.monotonic()
        stopped = self.stop.is_set()
        schedule_end_s = now if stopped else self.started_s + self._duration_s
        return self._tally.result(
            rate=rate,
            clients=clients,
            seconds=max(schedule_end_s, self._tally.last_answer_s) - self.started_s,
            batch=self._sending.batch,
            cpu_share=(time.thread_time() - self._cpu_s) / max(now - self.started_s, 1e-9),
            waited=self.pool.waited,
            stopped=stopped,
        )

    def _ended(self, answer: Answer) -> None:
        self._tally.ended(answer)
        if self._on_answer is not None:
            self._on_answer(answer)
        if self.on_end is not None:
            self.on_end(answer)

    def _report(self, *, over: bool = False) -> None:
        recent = sorted(self._tally.latencies_ms[self._reported :])
        self._reported = len(self._tally.latencies_ms)
        figures = {"answers_per_s": len(recent) / (SWEEP_S * SWEEPS_PER_REPORT)}
        if recent:
            figures |= {"p50_ms": percentile(recent, 0.5), "p95_ms": percentile(recent, 0.95)}
        bad = sum(count for status, count in self._tally.statuses.items() if status >= 300)
        figures |= {"refused": bad} if bad else {}
        figures |= {"errors": errors} if (errors := self._tally.errors.total()) else {}
        total = int(self._duration_s) or 1
        done = total if over else min(int(time.monotonic() - self.started_s), total - 1)
        self._progress("load seconds", done, total, figures)
