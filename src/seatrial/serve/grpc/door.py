"""The door of every gRPC method: who calls, until when, and what becomes of an error.

A call is let in or refused before its message is read, so that nobody without a key can make the service hold one;
that is why every method is registered as one that takes a stream. Refuses to know: what a method does.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from seatrial.errors import BusyError, DeadlineError, RequestError
from seatrial.serve.access import Access, Gatekeeper
from seatrial.serve.call import Call, new_request_id, usable_request_id
from seatrial.serve.grpc.methods import Method
from seatrial.serve.grpc.status import DETAILS, code_of, details_of
from seatrial.serve.handlers import Handlers
from seatrial.serve.refusals import Refusal, refusal_of
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.trail import begin_trail, current_trail

__all__ = ["PROTOCOL", "Door"]

PROTOCOL = "grpc"
ID_KEY = "x-request-id"
LONGEST_S = 10.0**9  # gRPC tells a call without a deadline by one that is further away
QUIET_S = 0.05

Metadata = dict[str, list[str]]
Work = Callable[[Call], Awaitable[bytes | None]]


class Door:
    """Makes what gRPC calls out of methods.

    Args:
        handlers: let callers in and hear of every call.
        settings: limits on a call.
    """

    def __init__(self, handlers: Handlers, settings: ServeSettings) -> None:
        self._handlers = handlers
        self._settings = settings
        self._open: Counter[bool] = Counter()  # calls that need no key, True, apart from the others
        self._awaited: set[asyncio.Timeout] = set()  # of calls without a key whose first message is not there
        self._gate = asyncio.Event()
        self._gate.set()
        self._answering = 0
        self._quiet_since = 0.0  # when a call last came or was answered, on `time.monotonic`'s clock

    async def hold(self, longest_s: float) -> None:
        """Let calls that come from now on wait, until the others are answered and no more come.

        gRPC cancels a call that it has received and not yet handed over when it is told to stop. So it is told at a
        moment when there is none: whoever waits for an answer seldom asks again. `release` then lets those that wait
        be answered like any other.
        """
        self._gate.clear()
        now = began = self._quiet_since = time.monotonic()
        while now < began + longest_s and (self._answering or now < self._quiet_since + QUIET_S):
            await asyncio.sleep(QUIET_S / 10)
            now = time.monotonic()

    def release(self) -> None:
        """Let those go on that wait. Probes and watchers that have not said yet what they ask are not waited for."""
        self._gate.set()
        soon = asyncio.get_running_loop().time() + QUIET_S
        for limit in self._awaited:
            if not limit.expired():
                limit.reschedule(min(soon, limit.when() or soon))

    def handler(self, method: Method) -> grpc.RpcMethodHandler:
        """The method behind the door: admitted, with a deadline, and failing in no other way than by a status."""
        if method.answer is not None:
            return grpc.stream_unary_rpc_method_handler(self._unary(method, method.answer))
        assert method.stream is not None
        return grpc.stream_stream_rpc_method_handler(self._stream(method, method.stream))

    def unknown(self) -> grpc.RpcMethodHandler:
        """What answers where there is no method."""

        async def answer(_: Any, context: Any) -> bytes | None:
            async def work(_: Call) -> None:
                raise RequestError("there is no such method", status=405, hint="reflection lists the services")

            return await self._pass(context, "none", Access.PUBLIC, work)

        return grpc.stream_unary_rpc_method_handler(answer)

    def _unary(self, method: Method, answer: Callable[[Any, Call], Awaitable[Any]]) -> Callable[..., Any]:
        async def handle(_: Any, context: Any) -> bytes | None:
            async def work(call: Call) -> bytes:
                request = await self._first(context, method, call)
                if request is None:
                    raise RequestError("there is no message in the call", status=400)
                serialized: bytes = (await answer(request, call)).SerializeToString()
                return serialized

            return await self._pass(context, method.path, method.access, work)

        return handle

    def _stream(
        self, method: Method, stream: Callable[[AsyncIterator[Any], Call], AsyncIterator[Any]]
    ) -> Callable[..., Any]:
        async def handle(_: Any, context: Any) -> None:
            async def answer(call: Call) -> None:
                async with aclosing(stream(self._messages(context, method, call), call)) as answers:  # type: ignore[type-var]
                    async for message in answers:
                        await context.write(message.SerializeToString())

            async def work(call: Call) -> None:
                if method.lasting:
                    await answer(call)
                else:
                    async with _within(call):
                        await answer(call)

            await self._pass(context, method.path, method.access, work)

        return handle

    async def _first(self, context: Any, method: Method, call: Call) -> Any:
        """The first message, within the call's deadline even of a stream that lasts; None where there is none."""
        async with _within(call) as limit:
            if method.access is Access.PUBLIC:
                self._awaited.add(limit)
            try:
                return await _read(context, method)
            finally:
                self._awaited.discard(limit)

    async def _messages(self, context: Any, method: Method, call: Call) -> AsyncIterator[Any]:
        message = await self._first(context, method, call)
        while message is not None:
            yield message
            message = await _read(context, method)

    async def _pass(self, context: Any, path: str, access: Access, work: Work) -> bytes | None:
        """Let a call in, do the work, tell whoever counts."""
        started, code = time.perf_counter(), "CANCELLED"
        metadata, public = _metadata(context), access is Access.PUBLIC
        request_id = usable_request_id(_first_of(metadata, ID_KEY)) or new_request_id()
        trail = begin_trail(request_id, "gRPC", _first_of(metadata, "traceparent"))
        metrics, answered, refusal = self._handlers.metrics, None, None
        metrics.in_flight += 1
        self._open[public] += 1
        try:
            context.set_trailing_metadata(((ID_KEY, request_id),))
            if public:
                answered = await work(self._admit(access, metadata, context, request_id))
            else:
                async with self._gated():
                    answered = await work(self._admit(access, metadata, context, request_id))
            code = "OK"
        except asyncio.CancelledError:  # the client has gone, or its deadline has passed, or the grace has
            self._handlers.refused(PROTOCOL, "client_gone")
            raise
        except Exception as error:  # the table tells the client; it logs what nobody expected
            refusal = refusal_of(error)
            code = refusal.grpc_status
            self._handlers.refused(PROTOCOL, refusal.reason)
        finally:
            metrics.in_flight -= 1
            self._open[public] -= 1
            seconds = time.perf_counter() - started
            metrics.grpc_request(path, code, seconds)
            self._handlers.finished(trail, path, code, seconds)
        if refusal is not None:
            await _refuse(context, refusal, request_id)
        return answered

    @asynccontextmanager
    async def _gated(self) -> AsyncIterator[None]:
        """While a call is answered, or waits for the moment when the server may be told to stop."""
        self._quiet_since = time.monotonic()
        if not self._gate.is_set():
            await self._gate.wait()
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            self._quiet_since = time.monotonic()

    def _admit(self, access: Access, metadata: Metadata, context: Any, request_id: str) -> Call:
        """Let the call in, or raise."""
        if self._open[access is Access.PUBLIC] > self._settings.max_calls:
            raise BusyError("too many calls are open")
        gatekeeper, presented = self._handlers.gatekeeper, None
        if access is not Access.PUBLIC and gatekeeper.has_keys:  # else a proxy may send what it likes
            presented = Gatekeeper.presented(metadata.get("authorization", ()), metadata.get("x-api-key", ()))
        caller = gatekeeper.admit(access, presented)
        seconds = self._settings.timeout_ms / 1e3
        asked = context.time_remaining()
        if asked is not None and asked < LONGEST_S:
            seconds = min(asked, self._settings.max_timeout_ms / 1e3)
        call = Call(caller, time.monotonic() + seconds, request_id, PROTOCOL)
        if trail := current_trail():
            trail.call = call
        return call


def _metadata(context: Any) -> Metadata:
    """What the client sent beside its messages."""
    found: Metadata = {}
    for name, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _first_of(metadata: Metadata, name: str) -> str | None:
    return metadata[name][0] if name in metadata else None


async def _read(context: Any, method: Method) -> Any:
    """The next message; None where there is none.

    Raises:
        RequestError: the bytes are no such message.
    """
    received = await context.read()
    if received is grpc.aio.EOF:
        return None
    try:
        return method.request.FromString(received)
    except DecodeError as error:
        raise RequestError(
            "the bytes of the message are not what this method takes", status=400, hint="reflection describes it"
        ) from error


@asynccontextmanager
async def _within(call: Call) -> AsyncIterator[asyncio.Timeout]:
    """Until the call's deadline, and no longer.

    Raises:
        DeadlineError: it has passed.
    """
    try:
        async with asyncio.timeout(call.deadline - time.monotonic()) as limit:
            yield limit
    except TimeoutError as error:
        raise DeadlineError("the call took too long") from error


async def _refuse(context: Any, refusal: Refusal, request_id: str) -> None:
    """End the call with a status."""
    trailing: list[tuple[str, str | bytes]] = [(ID_KEY, request_id)]
    if (details := details_of(refusal)) is not None:
        trailing.append((DETAILS, details))
    await context.abort(code_of(refusal), refusal.told, tuple(trailing))
