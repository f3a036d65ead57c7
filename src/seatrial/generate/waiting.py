"""The queue before the slots: bounded, and fair between clients. Every method may be called from any thread.

Clients are served in turn, each in the order of its requests, so that one who sends a hundred does not put another
behind them. Refuses to know: engines, how a request is answered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from seatrial.errors import BusyError
from seatrial.generate.sequence import Job

__all__ = ["Waiting"]


class Waiting:
    """Requests that have no slots yet.

    Args:
        most: requests, at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._clients: OrderedDict[str, deque[Job]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def put(self, job: Job) -> None:
        """Let it wait. Raises BusyError when as many wait as may."""
        with self._lock:
            if self._count >= self._most:
                raise BusyError(f"{self._count} requests wait for the model already")
            self._clients.setdefault(job.request.client, deque()).append(job)
            self._count += 1

    def take(self, slots: int) -> Job | None:
        """The next one, if so many free slots are enough for it; it is never overtaken by a smaller one."""
        with self._lock:
            for client, jobs in self._clients.items():
                if jobs[0].request.n > slots:
                    return None
                job = jobs.popleft()
                self._count -= 1
                del self._clients[client]
                if jobs:
                    self._clients[client] = jobs  # at the end of the turn
                return job
            return None

    def drop_ended(self, now: float) -> list[Job]:
        """Take out those whose caller or deadline wants no more."""
        with self._lock:
            dropped = [job for jobs in self._clients.values() for job in jobs if job.why_ended(now)]
            if dropped:
                gone = set(map(id, dropped))
                self._keep(lambda job: id(job) not in gone)
            return dropped

    def drop_all(self) -> list[Job]:
        """Take out every one."""
        with self._lock:
            dropped = [job for jobs in self._clients.values() for job in jobs]
            self._clients.clear()
            self._count = 0
            return dropped

    def _keep(self, wanted: Callable[[Job], bool]) -> None:
        kept = {client: deque(filter(wanted, jobs)) for client, jobs in self._clients.items()}
        self._clients = OrderedDict((client, jobs) for client, jobs in kept.items() if jobs)
        self._count = sum(map(len, self._clients.values()))
