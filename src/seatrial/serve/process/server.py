"""One serving process: loads releases, listens, answers, and stops without losing a request.

Stopping goes in this order: not ready; every answer is the last of its connection; no new handshake begins; what was
connected is accepted and answered; connections that stay idle are closed; what has no answer when the grace is over is
refused with 503. Refuses to know: what the routes do, and terminals; `started` is told the addresses.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from seatrial.serve.http.wire.guards import Guards
from seatrial.serve.http.wire.protocol import GuardedProtocol
from seatrial.serve.loopback import require_keys_or_loopback
from seatrial.serve.process.listening import (
    allow_connections,
    listen,
    refuse_newcomers,
    unaccepted,
    url_of,
)
from seatrial.serve.process.orders import Addresses
from seatrial.serve.queue.priority import SWITCH_S
from seatrial.serve.settings import ServeSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from seatrial.serve.access import Gatekeeper
    from seatrial.serve.grpc.server import GrpcServer
    from seatrial.serve.handlers import Handlers
    from seatrial.serve.reload import Reloader

__all__ = ["Server", "run"]

LOG = logging.getLogger("seatrial.serve")

LOOK_TICKS = 5
"""Connections are looked at every so many ticks of uvicorn's main loop, which has ten in a second."""
BACKLOG_S = 0.05
"""Time for handshakes that have begun to end, and for their connections to be accepted."""

HALT_S = 1.0
"""Before the end of the grace answers that are still written end with an error, so that their clients are told."""

Started = Callable[[str], None]
Report = Callable[[Addresses], None]


def run(
    releases: Sequence[Path],
    settings: ServeSettings,
    *,
    started: Started | None = None,
    report: Report | None = None,
    listener: socket.socket | None = None,
    control: int | None = None,
) -> None:
    """Serve releases in this process until it is told to stop.

    Args:
        releases: folders that `write_release` wrote, the default model first; every hash is verified.
        settings: address and limits.
        started: called with the service's URL as soon as it answers.
        report: the same, with everything that there is to know.
        listener: a socket that listens, lent by a supervisor; None makes one of `settings.host` and `settings.port`.
        control: a file descriptor to read orders from, a line each: ``reload``. Its end means stop.

    Raises:
        ArtifactError: a release is missing or altered.
        ServiceError: the address cannot be listened on, or must not be without keys; or a release is named twice.
    """
    from seatrial.serve.handlers import build_handlers
    from seatrial.serve.http.app import create_app
    from seatrial.serve.loading import load_in_service
    from seatrial.serve.memory import keep_large_blocks_apart
    from seatrial.serve.reload import Reloader
    from seatrial.serve.watch.metrics import Metrics
    from seatrial.serve.watch.tracing import start_tracing

    gatekeeper = _gatekeeper(settings)
    with listener or listen(settings.host, settings.port) as bound:  # first, so that a taken port is known at once
        allow_connections(settings.max_connections)
        sys.setswitchinterval(SWITCH_S)
        keep_large_blocks_apart()
        metrics = Metrics()
        tracer = start_tracing(settings.tracing_endpoint) if settings.tracing_endpoint else None
        models = [load_in_service(folder, settings, metrics.batch) for folder in releases]
        handlers = build_handlers(models, settings, gatekeeper=gatekeeper, metrics=metrics, tracer=tracer)
        reloader = Reloader(handlers, dict(zip(releases, models, strict=True)), settings)
        del models  # they go when others have taken their place
        app = create_app(settings, handlers, reloader)
        server = Server(app, handlers, settings, reloader, lent=listener is not None)

        def answers(addresses: Addresses) -> None:
            if started:
                started(addresses.url)
            if report:
                report(addresses)

        server.serve_until_stopped(bound, answers, control)
        if tracer is not None:
            tracer.close()


def _nobody(_: Addresses) -> None:
    """Told the addresses, does nothing."""


def _gatekeeper(settings: ServeSettings) -> Gatekeeper:
    from seatrial.serve.access import Gatekeeper
    from seatrial.serve.keys import KeyStore
    from seatrial.serve.quota import Quota

    keys = None if settings.keys_file is None else KeyStore(settings.keys_file)
    require_keys_or_loopback(settings.host, has_keys=keys is not None, insecure=settings.insecure)
    return Gatekeeper(keys, Quota(settings.rate_per_minute))


class Server(uvicorn.Server):
    """uvicorn's server with our connections and our way to stop.

    Args:
        app: the application.
        handlers: what it does; not ready from the moment when stopping begins.
        settings: the limits.
        reloader: loads new releases; None loads none.
        lent: whether the listening socket lives on when this process ends, for a successor.
    """

    def __init__(
        self,
        app: FastAPI,
        handlers: Handlers,
        settings: ServeSettings,
        reloader: Reloader | None = None,
        *,
        lent: bool = False,
    ) -> None:
        self._guards = Guards(settings, handlers.metrics)
        self._handlers, self._settings, self._reloader = handlers, settings, reloader
        self._successor = lent
        self._tasks: set[asyncio.Task[object]] = set()
        self._report: Report = _nobody
        self._control: int | None = None
        self._grpc: GrpcServer | None = None
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(GuardedProtocol, self._guards),  # type: ignore[arg-type]
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nothing here looks at a client's address
                ws="none",
            )
        )

    def serve_until_stopped(self, listener: socket.socket, report: Report, control: int | None = None) -> None:
        """Run to the end without dying of the signal that stopped it: uvicorn raises it again for its caller."""
        self._report, self._control = report, control
        on_main_thread = threading.current_thread() is threading.main_thread()
        previous = signal.signal(signal.SIGTERM, lambda *_: None) if on_main_thread else None
        try:
            self.run(sockets=[listener])
        except KeyboardInterrupt:
            pass  # Ctrl-C is how a user stops a service, not a failure
        finally:
            if on_main_thread:
                signal.signal(signal.SIGTERM, previous)

    def stop(self) -> None:
        """Stop for good, as soon as everything accepted is answered. Belongs to the event loop."""
        self._successor = False
        self.handle_exit(0, None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell where, then listen for orders."""
        assert sockets
        self._handlers.metrics.watch_connections(lambda: len(self.server_state.connections))
        settings, loop = self._settings, asyncio.get_running_loop()
        grpc = None
        if settings.grpc_port is not None:
            from seatrial.serve.grpc.server import GrpcServer

            self._grpc = GrpcServer(self._handlers, settings)
            grpc = await self._grpc.start(settings.host, settings.grpc_port)
        await super().startup(sockets)  # after whatever can fail
        if self._reloader is not None:
            if settings.watch_s > 0:
                self._spawn(self._reloader.watch(settings.watch_s))
            if threading.current_thread() is threading.main_thread():
                loop.add_signal_handler(signal.SIGHUP, self._reload)
        gc.freeze()  # what is there by now stays; to search it for garbage again and again takes 50 to 80 ms each time
        models = tuple(model.release.name for model in self._handlers.catalog.current)
        self._report(Addresses(url_of(sockets[0]), grpc, os.getpid(), models))
        if self._control is not None:
            threading.Thread(target=self._obey, args=(self._control, loop), daemon=True).start()

    def _spawn(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _reload(self) -> None:
        if self._reloader is not None:
            self._spawn(self._reloader.reload())

    def _obey(self, control: int, loop: asyncio.AbstractEventLoop) -> None:
        """Follow orders until they end; a pipe ends when its writer dies, even by kill -9. In a thread of its own."""
        while said := os.read(control, 4096):  # not sys.stdin: a lock held by a daemon thread would abort the exit
            if b"reload" in said:
                loop.call_soon_threadsafe(self._reload)
        loop.call_soon_threadsafe(self.stop)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not ready from this moment, while open requests are still answered."""
        self._handlers.health.stop()
        if sig:
            super().handle_exit(sig, frame)
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections now and then."""
        if counter % LOOK_TICKS == 0:
            self._look()
        return await super().on_tick(counter)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            connection.look(now)  # type: ignore[union-attr]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer everything that was accepted, for up to `grace_s` seconds, and close."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._settings.grace_s
        connections = self.server_state.connections
        self._guards.draining = True
        for connection in list(connections):
            connection.shutdown()
        await asyncio.sleep(min(self._settings.settle_s, self._settings.grace_s / 2))
        grpc_stopped = asyncio.ensure_future(self._grpc.stop(end - loop.time())) if self._grpc else None
        await self._close_listeners(sockets or [], end)
        halt_at = end - min(HALT_S, self._settings.grace_s / 4)
        while connections and loop.time() < end and not self.force_exit:
            if loop.time() >= halt_at:
                self._handlers.generate.halt()  # who is being written to is told so, within the answer
            self._look()
            await asyncio.sleep(0.02)
        LOG.info("drained", extra={"fields": {"unanswered": len(connections)}})
        for connection in list(connections):
            connection.give_up()  # type: ignore[union-attr]
        for task in [*self.server_state.tasks, *self._tasks]:
            task.cancel()
        if grpc_stopped is not None:
            await grpc_stopped
        if self._reloader is not None:
            await self._reloader.close()
        await self.lifespan.shutdown()
        while connections and loop.time() < end + 1:  # the last refusals
            self._look()
            await asyncio.sleep(0.02)
        for connection in list(connections):
            connection.cut()  # type: ignore[union-attr]
        await asyncio.sleep(0.001)

    async def _close_listeners(self, sockets: Sequence[socket.socket], end: float) -> None:
        """Accept whoever is connected, then close; a successor accepts them from the socket that it is lent."""
        loop = asyncio.get_running_loop()
        if not self._successor:
            for listener in sockets:
                refuse_newcomers(listener)
            await asyncio.sleep(BACKLOG_S)
            for _ in range(3):  # a busy loop looks at its timers first; only then does it accept
                await asyncio.sleep(0.002)
            while any(map(unaccepted, sockets)) and loop.time() < end:  # libuv accepts one in each round
                await asyncio.sleep(0.002)
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
