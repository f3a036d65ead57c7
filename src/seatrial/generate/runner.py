"""The one thread that owns an engine: it steps a scheduler while there is work and sleeps while there is none.

Refuses to know: requests, networks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from seatrial.errors import BusyError, ServiceError
from seatrial.generate.base import Engine
from seatrial.generate.request import GenerateRequest
from seatrial.generate.scheduler import Scheduler
from seatrial.generate.statistics import RequestStatistics
from seatrial.generate.stream import Stream

__all__ = ["Runner"]

STOPPING = "the service is stopping"


class Runner:
    """Answers requests from any thread with one engine. Use it in a ``with`` block, or call `close`.

    Args:
        engine: with all slots free; from now on only this thread uses it.
        max_waiting, prefill_tokens, observe: see `Scheduler`; `observe` is called in the engine's thread.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_waiting: int = 256,
        prefill_tokens: int = 128,
        observe: Callable[[RequestStatistics], None] | None = None,
    ) -> None:
        self._scheduler = Scheduler(engine, max_waiting=max_waiting, prefill_tokens=prefill_tokens, observe=observe)
        self._changed = threading.Condition()
        self._stop_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="seatrial-generate", daemon=True)
        self._thread.start()

    @property
    def scheduler(self) -> Scheduler:
        """For its counts; its steps belong to the thread."""
        return self._scheduler

    def submit(self, request: GenerateRequest) -> Stream:
        """Have a request answered.

        Raises:
            RequestError: the engine cannot answer it.
            BusyError: as many wait as may, or the runner is closed.
        """
        with self._changed:
            if self._stop_at is not None:
                raise BusyError(STOPPING)
            stream = self._scheduler.submit(request)
            self._changed.notify()
            return stream

    def close(self, grace_s: float = 0.0) -> None:
        """Take no more; go on for up to `grace_s` seconds, then end the rest and the thread."""
        with self._changed:
            self._stop_at = time.monotonic() + grace_s
            self._changed.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._scheduler.has_work and self._stop_at is None:
                    self._changed.wait()
            if self._stop_at is not None and (not self._scheduler.has_work or time.monotonic() >= self._stop_at):
                self._scheduler.fail_all(BusyError(STOPPING))
                return
            try:
                self._scheduler.step()
            except Exception as error:  # an observer, or an engine that breaks its protocol: the thread must outlive it
                self._scheduler.fail_all(ServiceError(f"the scheduler failed: {error!r}"[:500]))
