"""The guards at the socket: one HTTP/1.1 connection that no client can hold for ever, and that never loses an answer.

uvicorn's protocol runs the application; this one bounds it: time for a head and for a body, connections, what is read
after an answer. A connection is closed so that what was written arrives. Refuses to know: routes, beyond the prefix of
the probes.
"""

from __future__ import annotations

import fcntl
import struct
import termios
from asyncio import AbstractEventLoop, Transport
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from seatrial.serve.http.errors import refused
from seatrial.serve.http.leaving import LEAVING, Leaving
from seatrial.serve.http.wire.guards import (
    CROWDED,
    CUT_OFF,
    SLOW_BODY,
    SLOW_HEAD,
    STOPPING,
    ClosedGently,
    Guards,
    spelled,
)
from seatrial.serve.http.wire.parsing import StrictProtocol
from seatrial.serve.refusals import Refusal

__all__ = ["GuardedProtocol"]

PROBES = "/health/"
RESERVED = 64
"""Connections beyond `max_connections` that are listened to, so that probes get through; as many again are told that
the service is busy, and those beyond are closed without a word."""
LINGER_S = 3.0
LINGER_BYTES = 8_000_000
"""What is read and thrown away after an answer that the client did not wait for: an unread byte resets the connection,
and the answer is lost with it."""
DRAIN_IDLE_S = 0.25
"""How long a stopping service waits for the next request of an open connection."""


class GuardedProtocol(StrictProtocol):
    """One connection; with its guards bound by `partial`, what uvicorn takes for its `http` setting."""

    def __init__(
        self,
        guards: Guards,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.max_head_bytes = guards.settings.max_header_bytes
        self.called_as = guards.called_as
        self.lingering = False
        self._guards = guards
        self._settings = guards.settings
        self._deaf = False  # nothing that comes is read any more
        self._last_words = b""  # written when the answers before it are out
        self._answering: RequestResponseCycle | None = None  # `cycle` may be a later one that waits for its turn
        self._discarded = 0
        self._since = self.loop.time()  # of the present state: idle, head, body, lingering
        self._stuck_since = 0.0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._socket = transport
        self.transport = ClosedGently(transport, self.finish, lambda: self.lingering)  # type: ignore[assignment]
        beyond = len(self.connections) - self._settings.max_connections
        if beyond > 2 * RESERVED:
            transport.abort()
        elif beyond > RESERVED:
            self.refuse(CROWDED)
        elif beyond > 0:
            self.app = self._probes_only

    async def _probes_only(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(PROBES):
            await self.config.loaded_app(scope, receive, send)
            return
        self._guards.metrics.refused("rest", CROWDED.reason)
        response = refused(CROWDED, "rest")
        response.headers["Connection"] = "close"
        await response(scope, receive, send)

    def data_received(self, data: bytes) -> None:
        if self._deaf or self.lingering:
            self._discarded += len(data)
            if self._discarded > LINGER_BYTES:
                self._socket.abort()
            return
        self.parse(data)

    def on_message_begin(self) -> None:
        if not self.replaying:
            self._since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self.replaying:
            return
        earlier = self.cycle
        super().on_headers_complete()
        self._since = self.loop.time()
        if self._guards.draining:
            self.cycle.keep_alive = False
            if earlier is not None and not earlier.response_started:
                earlier.keep_alive = True  # it is not the last one any more

    def refuse(self, refusal: Refusal) -> None:
        """Answer what has begun to arrive with a refusal, after the answers before it, and close."""
        cycle, before_it, told = self.cycle, False, False
        words = spelled(refusal)
        if self.in_body and cycle is not None:
            queued = [entry for entry in self.pipeline if entry[0] is cycle]
            before_it = bool(queued)
            for entry in queued:
                self.pipeline.remove(entry)
            if cycle.response_started:
                words = b""  # too late for another one
            told = not before_it and not cycle.response_started
            self._cut_off(cycle, refusal)
        elif cycle is not None:
            before_it = not cycle.response_complete
        if not told:
            self._guards.metrics.refused("rest", refusal.reason)
        self._deaf = True
        self._last_words = words
        if not before_it:
            self.finish()

    def _cut_off(self, cycle: RequestResponseCycle, refusal: Refusal) -> None:
        """Let the application go on as if the client had left; the door counts and logs what the client was told."""
        cycle.scope[CUT_OFF] = refusal  # type: ignore[literal-required]
        cycle.disconnected = True
        cycle.message_event.set()
        _tell_leaving(cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        answering = self._answering
        if answering is not None and not answering.response_complete:
            answering.disconnected = True  # uvicorn tells only the last request that came
            answering.message_event.set()
            _tell_leaving(answering)
        super().connection_lost(exc)

    # What is answered -------------------------------------------------------------------------------------------------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        cycle.scope[LEAVING] = Leaving()  # type: ignore[literal-required]
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._since = self.loop.time()
        if self._last_words and not self.pipeline:
            self.finish()
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.in_body and not self._worth_reading():
            self.finish()

    def _worth_reading(self) -> bool:
        """Whether to read the rest of a body that was not needed, for the sake of the connection."""
        if self.expect_100_continue:  # never sent; whether a body or a request comes next is unknown
            return False
        length = next((value for name, value in self.cycle.scope["headers"] if name == b"content-length"), b"")
        return length.isdigit() and int(length) <= self._settings.max_body_bytes

    def finish(self) -> None:
        """Close the connection without losing what was written."""
        if self.lingering or self._socket.is_closing():
            return
        self._socket.write(self._last_words)
        self._last_words = b""
        if not (self._deaf or self.in_head or self.in_body or self.flow.read_paused or self._unread()):
            self._socket.close()
            return
        self.lingering = True
        self._since = self.loop.time()
        self._socket.write_eof()
        self.flow.resume_reading()

    def _unread(self) -> bool:
        """Whether bytes of the client lie in the kernel."""
        waiting = bytearray(4)
        fcntl.ioctl(self._socket.get_extra_info("socket").fileno(), termios.FIONREAD, waiting)
        return bool(struct.unpack("i", waiting)[0])

    # What takes too long ----------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Act on what has taken too long by the loop's clock. Cheaper than timers for every request."""
        waited = now - self._since
        if self.lingering and not self._socket.is_closing():
            if waited > LINGER_S:
                self._socket.abort()
        elif self._stuck(now):
            self._socket.abort()
        elif self._socket.is_closing():
            pass  # gone as soon as the client has read what was written
        elif self._deaf:
            pass  # closed as soon as the answers before are out
        elif self.flow.read_paused:
            self._since = now  # it is we who do not read
        elif self.in_head:
            if waited > self._settings.head_timeout_s:
                self.refuse(SLOW_HEAD)
        elif self.in_body:
            if waited > self._settings.body_timeout_s:
                self.refuse(SLOW_BODY)
        elif self._idle and waited > self._patience_s and not self._unread():
            self.finish()

    @property
    def _idle(self) -> bool:
        """Whether nothing is owed to the client."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    @property
    def _patience_s(self) -> float:
        """How long the next request may be awaited."""
        if self._guards.draining:
            return DRAIN_IDLE_S
        return self._settings.head_timeout_s if self.cycle is None else self._settings.keep_alive_s

    def _stuck(self, now: float) -> bool:
        """Whether the client has not read its answers for too long."""
        all_said = self._idle or self._socket.is_closing()
        if not (self.flow.write_paused or (all_said and self._socket.get_write_buffer_size())):
            self._stuck_since = 0.0
            return False
        self._stuck_since = self._stuck_since or now
        return now - self._stuck_since > self._settings.body_timeout_s

    def shutdown(self) -> None:
        """The service is stopping: what is being answered is the last; `look` closes what stays idle."""
        if self._idle:
            self._since = self.loop.time()
        else:
            self.cycle.keep_alive = False

    def cut(self) -> None:
        """The process ends: no more patience."""
        self._socket.abort()

    def give_up(self) -> None:
        """The time for stopping is over: refuse what has no answer yet, but not within an answer that has begun."""
        cycle = self._answering
        if cycle is not None and not cycle.response_complete:
            self._deaf = True
            self._last_words = b"" if cycle.response_started else spelled(STOPPING)
            self._cut_off(cycle, STOPPING)
        self.finish()


def _tell_leaving(cycle: RequestResponseCycle) -> None:
    leaving: Leaving | None = cycle.scope.get(LEAVING)  # type: ignore[assignment]  # not one of ASGI's own keys
    if leaving is not None:
        leaving.tell()
