"""Keeps a service alive: owns the listening socket and one serving process, and starts another when that one dies.

The socket outlives the process, so that clients who come meanwhile wait in its queue and are answered by the next one.
Most of a start is importing: a spare process has done that already, has loaded nothing, and waits for the word. The
processes end with this one, even when it is killed: the pipe that their orders come through ends then.

Refuses to know: models and HTTP. Nothing here loads them, and that keeps this process small and hard to kill.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from seatrial.errors import ServiceError
from seatrial.serve.loopback import require_keys_or_loopback
from seatrial.serve.process.listening import listen
from seatrial.serve.process.orders import Addresses, Order
from seatrial.serve.process.worker import Worker
from seatrial.serve.settings import ServeSettings

__all__ = ["Supervisor", "backoff_s", "supervise"]

LOG = logging.getLogger("seatrial.serve")

SETTLED_S = 1.0
"""A process that answered for so long did not fail at its start."""
AT_ONCE = 2
MOST_FAILURES = 8
"""With the pauses below this takes about 13 s."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
SPARE_PAUSE_S = 10.0
"""Before another try to start a spare where the machine had no room for one."""
MARGIN_S = 3.0
"""Given to a process beyond its grace before it is killed."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


def supervise(
    releases: Sequence[Path], settings: ServeSettings, *, started: Callable[[Addresses], None] | None = None
) -> None:
    """Serve releases until SIGTERM or SIGINT; on SIGHUP look for new ones. Runs in the main thread.

    Args:
        releases: folders that `write_release` wrote, the default model first.
        settings: address and limits.
        started: told the addresses as soon as they answer for the first time.

    Raises:
        ArtifactError: a release is missing or altered.
        ServiceError: the address cannot be listened on, or must not be without keys; or the service kept dying.
    """
    require_keys_or_loopback(settings.host, has_keys=settings.keys_file is not None, insecure=settings.insecure)
    with listen(settings.host, settings.port) as listener:
        order = Order(tuple(path.resolve() for path in releases), settings)
        Supervisor(listener, order, started or (lambda _: None)).run()


def backoff_s(failures: int) -> float:
    """How long to wait before another start.

    Args:
        failures: processes in a row that failed at their start.
    """
    if failures <= AT_ONCE:
        return 0.0
    return float(min(FIRST_PAUSE_S * 2 ** (failures - AT_ONCE - 1), LONGEST_PAUSE_S))


class Supervisor:
    """One serving process at a time, and a spare.

    Args:
        listener: a socket that listens.
        order: what is served, and how.
        started: told the addresses once.
    """

    def __init__(self, listener: socket.socket, order: Order, started: Callable[[Addresses], None]) -> None:
        self._listener, self._order, self._started = listener, order, started
        self._worker: Worker | None = None
        self._spare: Worker | None = None
        self._addresses: Addresses | None = None
        self._failures = 0
        self._died_at = 0.0
        self._start_at: float | None = 0.0
        self._spare_at: float | None = None
        self._kill_at: float | None = None
        self._stop_asked = self._done = False
        # nohup has the signal ignored: then the end of the terminal is no reason to stop
        self._terminal = _has_terminal() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN

    def run(self) -> None:
        """Serve until told to stop.

        Raises:
            SeatrialError: the service cannot start, or kept dying.
        """
        with self._hearing() as wake:
            try:
                while not self._done:
                    self._start_if_due()
                    self._spare_if_due()
                    self._wait(wake)
                    for number in _pending(wake):
                        self._obey(number)
                    self._look()
                LOG.info("stopped")
            finally:
                for worker in (self._worker, self._spare):
                    if worker is not None:
                        worker.end()

    def _start_if_due(self) -> None:
        if self._start_at is None or time.monotonic() < self._start_at:
            return
        if self._spare is not None and self._spare.process.poll() is not None:
            self._spare.end()
            self._spare = None
        self._start_at = self._spare_at = None
        try:
            self._worker, self._spare = self._spare or Worker(self._listener, self._order), None
        except OSError as error:  # no memory, or too many processes
            self._start_later(f"no process can be started: {error.strerror}")
            LOG.warning("no process can be started (%s); trying again", error.strerror)
            return
        self._worker.tell(b"serve\n")
        self._kill_at = time.monotonic() + self._order.settings.start_timeout_s

    def _spare_if_due(self) -> None:
        """Let another process get ready; where there is no room for one, the service goes on without."""
        if self._spare_at is None or time.monotonic() < self._spare_at:
            return
        self._spare_at = None
        try:
            self._spare = Worker(self._listener, self._order)
        except OSError as error:
            LOG.warning("no spare process can be started: %s", error.strerror)
            self._spare_at = time.monotonic() + SPARE_PAUSE_S

    def _wait(self, wake: socket.socket) -> None:
        """Until a signal comes, a process says something, or it is time for the next step."""
        due = [moment for moment in (self._start_at, self._spare_at, self._kill_at) if moment is not None]
        with selectors.DefaultSelector() as selector:
            selector.register(wake, selectors.EVENT_READ)
            if self._worker is not None and self._worker.process.stdout is not None:
                selector.register(self._worker.process.stdout, selectors.EVENT_READ)
            selector.select(max(0.0, min(due) - time.monotonic()) if due else None)

    def _look(self) -> None:
        """See what became of the processes."""
        if self._worker is None:
            return
        addresses = self._worker.hear()
        if addresses is not None:
            self._answers(addresses)
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            if self._stop_asked:
                LOG.error("the service did not stop in time and is killed")
            else:
                self._worker.failure = _too_slow(self._order.settings.start_timeout_s)
            self._worker.process.kill()
            self._kill_at = None
        if self._worker.process.poll() is not None:
            self._died(self._worker)

    def _answers(self, addresses: Addresses) -> None:
        if self._stop_asked:
            return  # it came up while it was told to stop
        self._kill_at = None
        if self._addresses is None:
            self._addresses = addresses
            # later processes take the port for gRPC that this one was given
            settings = replace(self._order.settings, grpc_port=addresses.grpc_port)
            self._order = replace(self._order, settings=settings)
            self._started(addresses)
        else:
            LOG.warning("the service answers again after %.1f s", time.monotonic() - self._died_at)
        if self._spare is None:
            self._spare_at = time.monotonic()

    def _died(self, worker: Worker) -> None:
        """Arrange for a successor, unless the service is stopping or does not come up."""
        worker.hear()
        worker.end()
        self._worker = self._kill_at = None
        if self._stop_asked:
            self._done = True
            return
        self._died_at = now = time.monotonic()
        if worker.failure is not None and self._addresses is None:
            raise worker.failure
        settled = worker.ready_since is not None and now - worker.ready_since >= SETTLED_S
        self._start_later(worker.last_words, settled=settled)
        LOG.error("the serving process has ended (%s); another one takes its place", worker.last_words)

    def _start_later(self, last_words: str, *, settled: bool = False) -> None:
        """After a pause that grows with the failures in a row; `settled` says that this was none."""
        self._failures = 0 if settled else self._failures + 1
        if self._failures >= MOST_FAILURES:
            raise ServiceError(
                f"the service failed {self._failures} times in a row at its start: {last_words}",
                hint="its log above says more; correct it and start the service again",
            )
        self._start_at = time.monotonic() + backoff_s(self._failures)

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP and not (self._terminal and not _has_terminal()):
            if self._worker is not None:
                LOG.info("looking for new releases", extra={"fields": {"signal": "SIGHUP"}})
                self._worker.tell(b"reload\n")
        elif number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # a terminal that is closed says SIGHUP too
            self._stop(signal.Signals(number).name)

    def _stop(self, cause: str) -> None:
        """Let the process drain; at the second call, and before anybody was told an address, at once."""
        impatient = self._stop_asked or self._addresses is None
        self._stop_asked = True
        self._spare_at = None
        LOG.info("stopping at once" if impatient else "stopping", extra={"fields": {"signal": cause}})
        if self._spare is not None:
            self._spare.release()
        if self._worker is None:
            self._done = True
        elif impatient:
            self._worker.process.kill()
        else:
            self._worker.release()
            self._kill_at = time.monotonic() + self._order.settings.grace_s + MARGIN_S

    @contextmanager
    def _hearing(self) -> Iterator[socket.socket]:
        """Signals as bytes on a socket, so that none is lost between two steps."""
        wake, write = socket.socketpair()
        wake.setblocking(False)
        write.setblocking(False)
        before = signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
        try:
            yield wake
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
            wake.close()
            write.close()


def _too_slow(limit_s: float) -> ServiceError:
    return ServiceError(
        f"the service did not answer within {limit_s:g} s of its start",
        where="serving.start_timeout_s",
        hint="its log above may say more; if loading takes that long, set serving.start_timeout_s higher",
    )


def _pending(wake: socket.socket) -> bytes:
    with suppress(BlockingIOError):
        return wake.recv(64)
    return b""


def _has_terminal() -> bool:
    """Whether there is a terminal that Ctrl-C could come from."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
