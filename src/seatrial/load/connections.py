"""A bounded pool of kept-alive connections, each with at most one request under way.

The newest idle connection is used first, so a light load needs few. One that was idle for long is not used again: the
service may be closing it at this moment, and the request would be lost for no fault of its own. Refuses to know: when a
request should leave, and what its answer means.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from seatrial.load.answers import Answer, MalformedAnswer, Reply, ReplyReader
from seatrial.load.target import Target

__all__ = ["ConnectionPool", "Flight"]


class Flight:
    """One request from its due moment to its end."""

    __slots__ = ("body", "connection", "done", "due_s", "request", "sent_s")

    def __init__(self, request: int, body: int, due_s: float) -> None:
        self.request, self.body, self.due_s = request, body, due_s
        self.sent_s: float | None = None
        self.connection: _Connection | None = None
        self.done = False


class _Connection(asyncio.Protocol):
    """One connection; tells its pool what came of the request under way."""

    __slots__ = ("_pool", "_reader", "flight", "idle_since_s", "transport")

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._reader = ReplyReader()
        self.transport: asyncio.Transport | None = None
        self.flight: Flight | None = None
        self.idle_since_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # TCP gives a Transport; uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        try:
            reply = self._reader.feed(data)
        except MalformedAnswer:
            self.abort("malformed")
            return
        if reply is not None:
            flight, self.flight = self.flight, None
            self._pool.answered(self, flight, reply)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio.Protocol hands it over
        self.transport = None
        flight, self.flight = self.flight, None
        self._pool.lost(self, flight, "closed")

    def send(self, flight: Flight, request: bytes) -> None:
        assert self.transport is not None
        self.flight, flight.connection = flight, self
        flight.sent_s = time.monotonic()
        self.transport.write(request)

    def abort(self, error: str) -> None:
        """End it at once; its request, if there is one, ends with `error`."""
        flight, self.flight = self.flight, None
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.abort()
        if flight is not None:
            self._pool.failed(flight, error)


class ConnectionPool:
    """Sends requests over connections that it opens when they are needed.

    Args:
        target: where to connect.
        requests: whole requests in bytes, by index of the body.
        limit: connections at most; further requests wait for a free one.
        timeout_s: longest time from a request's due moment to its answer's last byte.
        idle_s: a connection that was idle for longer is not used again.
        ended: called once with the `Answer` of every request.
    """

    def __init__(
        self,
        target: Target,
        requests: list[bytes],
        *,
        limit: int,
        timeout_s: float,
        idle_s: float,
        ended: Callable[[Answer], None],
    ) -> None:
        self._target, self._requests, self._ended = target, requests, ended
        self._limit, self._timeout_s, self._idle_s = limit, timeout_s, idle_s
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._waiting: deque[Flight] = deque()
        self._in_flight: deque[Flight] = deque()
        self.under_way = 0
        self.waited = 0
        """Requests that found every connection busy and the limit reached."""

    def send(self, flight: Flight) -> None:
        """Send a request over an idle connection, over a new one, or when one becomes free."""
        self.under_way += 1
        self._in_flight.append(flight)
        oldest = time.monotonic() - self._idle_s
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since_s >= oldest:
                connection.send(flight, self._requests[flight.body])
                return
            self._all.discard(connection)
            connection.abort("closed")
        self._waiting.append(flight)
        if not self._open_another():
            self.waited += 1

    def expire(self) -> None:
        """End what has taken longer than the timeout; to be called some times a second."""
        oldest = time.monotonic() - self._timeout_s
        while self._in_flight and (self._in_flight[0].done or self._in_flight[0].due_s < oldest):
            flight = self._in_flight.popleft()
            if flight.done:
                continue
            if flight.connection is not None:
                self._all.discard(flight.connection)
                flight.connection.abort("timeout")
            else:
                self.failed(flight, "unsent")

    async def close(self) -> None:
        """End every connection and every request that is still under way."""
        connecting = tuple(self._connecting)
        for task in connecting:
            task.cancel()
        waiting, self._waiting = self._waiting, deque()
        for flight in waiting:
            if not flight.done:
                self.failed(flight, "stopped")
        for connection in tuple(self._all):
            connection.abort("stopped")
        self._all.clear()
        self._idle.clear()
        await asyncio.gather(*connecting, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next round

    # What connections tell -------------------------------------------------------------------------------------------

    def answered(self, connection: _Connection, flight: Flight | None, reply: Reply) -> None:
        """An answer is whole; the connection is free unless the service closes it."""
        if flight is None:  # an answer to nothing, such as 408 for an idle connection
            self._all.discard(connection)
            connection.abort("malformed")
            return
        if reply.closes:
            self._all.discard(connection)
            connection.abort("closed")
        else:
            self._free(connection)
        self._end(flight, reply.status, None, reply)

    def lost(self, connection: _Connection, flight: Flight | None, error: str) -> None:
        """The service ended the connection."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if flight is not None:
            self.failed(flight, error)
        self._refill()

    def failed(self, flight: Flight, error: str) -> None:
        """A request ends without an answer."""
        self._end(flight, 0, error, None)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _end(self, flight: Flight, status: int, error: str | None, reply: Reply | None) -> None:
        flight.done = True
        flight.connection = None
        self.under_way -= 1
        moment = time.monotonic()
        self._ended(Answer(flight.request, flight.body, status, error, reply, flight.due_s, flight.sent_s, moment))

    def _next_waiting(self) -> Flight | None:
        while self._waiting:
            flight = self._waiting.popleft()
            if not flight.done:
                return flight
        return None

    def _free(self, connection: _Connection) -> None:
        flight = self._next_waiting()
        if flight is not None:
            connection.send(flight, self._requests[flight.body])
            return
        connection.idle_since_s = time.monotonic()
        self._idle.append(connection)

    def _open_another(self) -> bool:
        if len(self._all) + len(self._connecting) >= self._limit:
            return False
        self._connecting.add(asyncio.get_running_loop().create_task(self._connect()))
        return True

    def _refill(self) -> None:
        """A connection less: should somebody wait for one, open another."""
        if len(self._waiting) > len(self._connecting):
            self._open_another()

    async def _connect(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            async with asyncio.timeout(self._timeout_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self), self._target.address, self._target.port
                )
        except OSError:  # TimeoutError is one
            self._connecting.discard(task)
            flight = self._next_waiting()
            if flight is not None:
                self.failed(flight, "refused")
            self._refill()
            return
        self._connecting.discard(task)
        if connection.transport is not None:  # else it was lost at once
            self._all.add(connection)
            self._free(connection)
