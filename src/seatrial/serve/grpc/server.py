"""The gRPC server: starts beside HTTP in the same event loop, and stops without losing what it has accepted.

Nothing of gRPC is loaded before a server is made. Refuses to know: what the methods do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from seatrial.errors import MissingExtraError, ServiceError
from seatrial.serve.handlers import Handlers
from seatrial.serve.settings import ServeSettings

if TYPE_CHECKING:
    from seatrial.serve.grpc.door import Door
    from seatrial.serve.grpc.methods import Method

__all__ = ["GrpcServer", "methods_of"]

NEEDED = ("grpc", "google.rpc", "grpc_health", "grpc_reflection")
"""What the extra brings."""
LONGEST_HOLD_S = 1.0
"""How long a stopping server waits for a moment without new calls; clients that never wait for answers have none."""
MAX_STREAMS = 128
"""Calls at the same time on one connection; a client that has more to ask waits, or opens another one."""


class GrpcServer:
    """The service over gRPC.

    Args:
        handlers: what it does.
        settings: its limits.

    Raises:
        MissingExtraError: gRPC is not installed.
    """

    def __init__(self, handlers: Handlers, settings: ServeSettings) -> None:
        for name in NEEDED:
            try:
                import_module(name)
            except ImportError as error:
                raise MissingExtraError("gRPC", "grpc") from error
        self._handlers = handlers
        self._settings = settings
        self._server: Any = None
        self._door: Door | None = None

    async def start(self, host: str, port: int) -> int:
        """Answer on an address, in the running event loop.

        Args:
            host: an address of this machine.
            port: 0 takes a free one.

        Returns:
            The port.

        Raises:
            ServiceError: the address cannot be listened on.
        """
        import grpc

        from seatrial.serve.grpc.door import Door

        if not 0 <= port <= 65535:
            raise _cannot_listen(f"there is no port {port}", "take one from 1 to 65535 with --grpc-port")
        self._door = Door(self._handlers, self._settings)
        table = _table(self._door, methods_of(self._handlers, self._settings))
        self._server = grpc.aio.server(handlers=(table,), options=self._options())
        try:
            bound: int = self._server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except RuntimeError as error:
            await self._server.stop(None)
            raise _cannot_listen(
                f"cannot listen on {host}:{port} for gRPC",
                "choose another port with --grpc-port, 0 for any free one, or stop what listens there",
            ) from error
        await self._server.start()
        self._handlers.metrics.expect(["grpc"])
        return bound

    async def stop(self, grace_s: float) -> None:
        """Take no more calls, and let those that were accepted end, for up to `grace_s` seconds."""
        self._handlers.health.stop()
        if self._server is None or self._door is None:
            return
        end = time.monotonic() + grace_s
        await self._door.hold(min(LONGEST_HOLD_S, grace_s / 2))
        stopped = asyncio.ensure_future(self._server.stop(end - time.monotonic()))
        await asyncio.sleep(0)  # no call is taken any more from here on
        self._door.release()
        await stopped

    def _options(self) -> list[tuple[str, int]]:
        settings = self._settings
        return [
            ("grpc.max_receive_message_length", settings.max_body_bytes),  # counted after decompression as well
            ("grpc.max_metadata_size", settings.max_header_bytes),
            ("grpc.absolute_max_metadata_size", settings.max_header_bytes),
            ("grpc.max_concurrent_streams", MAX_STREAMS),
            ("grpc.max_allowed_incoming_connections", settings.max_connections),
            ("grpc.max_connection_idle_ms", settings.keep_alive_s * 1000),
            ("grpc.server_handshake_timeout_ms", round(settings.head_timeout_s * 1000)),
            ("grpc.so_reuseport", 0),  # otherwise two services share a port without a word
        ]


def methods_of(handlers: Handlers, settings: ServeSettings) -> list[Method]:
    """Every method that is offered."""
    from grpc_health.v1 import health

    from seatrial.serve.grpc.health import health_methods
    from seatrial.serve.grpc.inference import inference_methods
    from seatrial.serve.grpc.reflection import reflection_methods
    from seatrial.serve.grpc.schema import SERVICE

    return [
        *inference_methods(handlers, settings),
        *health_methods(handlers),
        *reflection_methods([SERVICE, health.SERVICE_NAME]),
    ]


def _table(door: Door, methods: Sequence[Method]) -> Any:
    """What gRPC asks for the handler of each call."""
    import grpc

    known = {f"/{method.path}": door.handler(method) for method in methods}
    unknown = door.unknown()

    class Table(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, handler_call_details: Any) -> Any:
            return known.get(handler_call_details.method, unknown)

    return Table()


def _cannot_listen(what: str, hint: str) -> ServiceError:
    return ServiceError(what, where="serving.grpc_port", hint=hint)
