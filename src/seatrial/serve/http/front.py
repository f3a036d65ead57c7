"""The outermost layer: a number and a clock for every request, and a short way to the routes that have no parameters.

A web framework's routing, dependency solving and stacks of exits cost more than classifying a tweet's share of a batch;
a route without parameters is one look into a dict. Everything else goes on to the framework. Refuses to know: what is
answered.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seatrial.serve.call import new_request_id, usable_request_id
from seatrial.serve.handlers import Handlers
from seatrial.serve.watch.trail import begin_trail

__all__ = ["Front"]

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
Short = Callable[[Request], Awaitable[Response]]


class Front:
    """ASGI layer around the framework.

    Args:
        app: the framework's stack.
        short: (method, path) → endpoint, for routes without parameters.
        handlers: hear of every request: metrics, log and trace.
    """

    def __init__(self, app: ASGIApp, short: Mapping[tuple[str, str], Short], handlers: Handlers) -> None:
        self._app = app
        self._short = short
        self._handlers = handlers
        self._metrics = handlers.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        request_id, traceparent = _marks(scope)
        scope["seatrial.request_id"] = request_id
        trail = begin_trail(request_id, scope["method"], traceparent)
        id_header = (b"x-request-id", request_id.encode())

        async def measured_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                added = (header for header in HEADERS if header[0] not in own)
                message["headers"] = [*message["headers"], id_header, *added]
            await send(message)

        endpoint = self._short.get((scope["method"], scope["path"]))
        self._metrics.in_flight += 1
        try:
            if endpoint is None:
                await self._app(scope, receive, measured_send)
            else:
                response = await endpoint(Request(scope, receive))
                await response(scope, receive, measured_send)
        finally:
            self._metrics.in_flight -= 1
            route = scope["path"] if endpoint else getattr(scope.get("route"), "path", "none")
            seconds = time.perf_counter() - started
            self._metrics.request(route, status, seconds)
            self._handlers.finished(trail, route, status, seconds)


def _marks(scope: Scope) -> tuple[str, str | None]:
    """The client's own number for the request if it can be used as one, otherwise a new one; and its `traceparent`."""
    request_id = traceparent = None
    for name, value in scope["headers"]:
        if name == b"x-request-id" and request_id is None:
            request_id = usable_request_id(value.decode("latin-1"))
        elif name == b"traceparent":
            traceparent = value.decode("latin-1")
    return request_id or new_request_id(), traceparent
