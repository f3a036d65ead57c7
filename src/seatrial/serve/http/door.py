"""The door of every route: who calls, until when, and what becomes of an error.

Refuses to know: what a route does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access, Gatekeeper
from seatrial.serve.call import Call, new_request_id
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.errors import refused
from seatrial.serve.http.leaving import LEAVING, Leaving
from seatrial.serve.http.routes import Route
from seatrial.serve.http.wire.guards import CUT_OFF
from seatrial.serve.refusals import Refusal, refusal_of
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.trail import current_trail

__all__ = ["guard", "unless_client_leaves"]

Answer = TypeVar("Answer")

CLIENT_GONE = 499  # nginx's number for it; nobody reads the response, the metrics do
TIMEOUT_HEADER = "x-request-timeout-ms"


def guard(
    route: Route, handlers: Handlers, settings: ServeSettings
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The route's endpoint behind the door: admitted, with a deadline, and never raising."""

    async def endpoint(request: Request) -> Response:
        try:
            call = _call(request, route, handlers.gatekeeper, settings)
            if route.access is Access.PREDICT and route.method == "POST":
                (handlers.generate if route.generates else handlers.predict).check_room(call)
            return await route.endpoint(request, call)
        except ClientDisconnect:
            cut_off: Refusal | None = request.scope.get(CUT_OFF)
            if cut_off is not None:  # nobody reads this either: the connection has said so already
                handlers.refused(route.protocol, cut_off.reason)
                return refused(cut_off, route.protocol)
            handlers.refused(route.protocol, "client_gone")
            return Response(status_code=CLIENT_GONE)
        except Exception as error:  # the table tells the client; it logs what nobody expected
            refusal = refusal_of(error)
            handlers.refused(route.protocol, refusal.reason)
            return refused(refusal, route.protocol)

    return endpoint


def _call(request: Request, route: Route, gatekeeper: Gatekeeper, settings: ServeSettings) -> Call:
    """Let the request in, or raise."""
    headers = request.headers
    presented = None
    if route.access is not Access.PUBLIC and gatekeeper.has_keys:  # else a proxy may send what it likes
        presented = Gatekeeper.presented(headers.getlist("authorization"), headers.getlist("x-api-key"))
    caller = gatekeeper.admit(route.access, presented)
    timeout_ms = settings.generate_timeout_ms if route.generates else settings.timeout_ms
    asked = headers.get(TIMEOUT_HEADER)
    if asked is not None:
        timeout_ms = _timeout_ms(asked, settings.generate_timeout_ms if route.generates else settings.max_timeout_ms)
    request_id = request.scope.get("seatrial.request_id") or new_request_id()
    call = Call(caller, time.monotonic() + timeout_ms / 1e3, request_id, route.protocol)
    if trail := current_trail():
        trail.call = call
    return call


def _timeout_ms(asked: str, most: int) -> int:
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 9 or int(asked) < 1:
        raise RequestError(
            "X-Request-Timeout-Ms is not a whole number of milliseconds", status=400, hint=f"send 1 to {most}"
        )
    return min(int(asked), most)


async def unless_client_leaves(request: Request, work: Awaitable[Answer]) -> Answer:
    """The answer to a request whose body has been read; the work is cancelled when the client hangs up first.

    Raises:
        ClientDisconnect: the client has gone.
    """
    leaving: Leaving | None = request.scope.get(LEAVING)
    if leaving is None:  # another server's connection
        return await _unless_disconnected(request, work)
    task = asyncio.current_task()
    assert task is not None
    leaving.listen(task.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        if leaving.gone:
            task.uncancel()
            raise ClientDisconnect from None
        raise  # the server itself is stopping
    finally:
        leaving.listen(None)


async def _unless_disconnected(request: Request, work: Awaitable[Answer]) -> Answer:
    """The same by ASGI's own means, with a task that waits for the client's leaving."""
    answer = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(request.receive())  # after the whole body, only a disconnect can follow
    gone.add_done_callback(lambda _: answer.cancel())
    try:
        return await answer
    except asyncio.CancelledError:
        if gone.done() and not gone.cancelled():
            raise ClientDisconnect from None
        raise  # the server itself is stopping
    finally:
        gone.cancel()
        answer.cancel()
