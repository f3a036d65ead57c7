"""Answers that come piece by piece: an async iterator of events → a response of Server-Sent Events.

Whatever fails before the first event is refused like any other request, with its own status; whatever fails later is
an event of its own, and the mark of a complete answer is then never sent. The next event is asked for when the client
has taken the last one, so that nothing piles up. When the client leaves, the iterator is cancelled and closed.
Refuses to know: what the events say.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.errors import BODIES
from seatrial.serve.refusals import refusal_of
from seatrial.serve.watch.metrics import Metrics

__all__ = ["EventStream", "event_stream"]

KEEP_ALIVE_S = 15.0
"""Proxies commonly close a connection that is silent for 30 to 60 seconds."""
KEEP_ALIVE = b": keep-alive\n\n"  # a comment, which clients skip
CLIENT_GONE = "client_gone"
END = object()

Events = AsyncIterator[object]


async def event_stream(
    request: Request,
    events: Events,
    *,
    protocol: str,
    metrics: Metrics,
    done: str | None = None,
    headers: dict[str, str] | None = None,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> Response:
    """The response to a request whose answer comes piece by piece.

    Args:
        request: its body has been read.
        events: each becomes one event, as JSON. Closed at the end, however it comes.
        protocol: whose manners an error follows.
        metrics: hears of an error after the first event; the door tells of those before.
        done: data of a last event that says that the answer is complete, for example "[DONE]".
        headers: more headers of the response.
        keep_alive_s: after so long without an event a comment is sent.

    Returns:
        A response whose first event is there already.

    Raises:
        ClientDisconnect: the client left before the first event.
        Exception: whatever the iterator raised before its first event.
    """
    try:
        first = await unless_client_leaves(request, _next(events))
    except BaseException:
        await _close(events)
        raise
    return EventStream(
        first,
        events,
        protocol=protocol,
        metrics=metrics,
        done=done,
        headers=headers or {},
        keep_alive_s=keep_alive_s,
    )


async def _next(events: Events) -> object:
    """The next event, or `END`: a task cannot end with StopAsyncIteration."""
    return await anext(events, END)


async def _close(events: Events) -> None:
    """Let a generator run its `finally`; other iterators have nothing to close."""
    close: Callable[[], Coroutine[Any, Any, None]] | None = getattr(events, "aclose", None)
    if close is not None:
        await close()


class EventStream(Response):
    """A response of Server-Sent Events, made by `event_stream`."""

    media_type = "text/event-stream"

    def __init__(
        self,
        first: object,
        events: Events,
        *,
        protocol: str,
        metrics: Metrics,
        done: str | None,
        headers: dict[str, str],
        keep_alive_s: float,
    ) -> None:
        super().__init__(None, 200, {**headers, "X-Accel-Buffering": "no"})  # nginx would hold events back
        del self.headers["content-length"]
        self._first = first
        self._events = events
        self._protocol = protocol
        self._metrics = metrics
        self._done = done
        self._keep_alive_s = keep_alive_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, unless the client leaves first."""
        del scope
        sending = asyncio.ensure_future(self._send_all(send))
        leaving = asyncio.ensure_future(receive())  # after the whole body, only a disconnect can follow
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done() or isinstance(sending.exception(), OSError):  # some servers raise it, others are mute
                self._metrics.refused(self._protocol, CLIENT_GONE)
            else:
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait((sending, leaving))
            await _close(self._events)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        event = self._first
        last = b"" if self._done is None else f"data: {self._done}\n\n".encode()
        while event is not END:
            try:
                chunk = _spell(event)
            except ValueError as error:  # NaN, which JSON does not know
                last = self._failed(error)
                break
            await _send_part(send, chunk)
            try:
                event = await self._upcoming(send)
            except Exception as error:  # the status is out; the table says what the client may know, and logs the rest
                last = self._failed(error)
                break
        await send({"type": "http.response.body", "body": last, "more_body": False})

    def _failed(self, error: Exception) -> bytes:
        """The event that tells of an error, in the place of the one that says that the answer is complete."""
        refusal = refusal_of(error)
        self._metrics.refused(self._protocol, refusal.reason)
        return _spell(BODIES.get(self._protocol, BODIES["rest"])(refusal), name="error")

    async def _upcoming(self, send: Send) -> object:
        """The next event; comments are sent while it takes long."""
        task = asyncio.ensure_future(_next(self._events))
        try:
            while not (await asyncio.wait((task,), timeout=self._keep_alive_s))[0]:
                await _send_part(send, KEEP_ALIVE)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))


def _spell(value: object, name: str | None = None) -> bytes:
    """One event. JSON has no line breaks outside its strings and escapes those inside, so its data is one line."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode()


async def _send_part(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})
