"""Starts the service: loads a release, listens, and stops cleanly on Ctrl-C or SIGTERM.

Refuses to know: what the routes do, and terminals; `started` is told the address.
"""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from seatrial.errors import ServiceError
from seatrial.serve.settings import ServeSettings

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from seatrial.serve.handlers import Handlers

__all__ = ["run"]


def run(release_folder: Path, settings: ServeSettings, *, started: Callable[[str], None] | None = None) -> None:
    """Serve a release until the process is told to stop.

    Args:
        release_folder: a folder that `write_release` wrote; every hash is verified.
        settings: address and limits.
        started: called with the service's URL as soon as it answers.

    Raises:
        ArtifactError: the release is missing or altered.
        ServiceError: the address cannot be listened on.
    """
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine
    from seatrial.serve.handlers import build_handlers
    from seatrial.serve.http.app import create_app

    release = load_release(release_folder)
    with listen(settings.host, settings.port) as listener:  # first, so that a taken port is known at once
        engine = Engine(release, settings.threads)
        engine.warm_up()
        handlers = build_handlers(engine, settings)
        serve(create_app(settings, handlers), handlers, listener, settings, started or _nobody)


def _nobody(url: str) -> None:
    """Told the address, does nothing."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket.

    Raises:
        ServiceError: the port is taken or not a port, or the address is not this machine's.
    """
    if not 0 <= port <= 65535:
        raise ServiceError(
            f"there is no port {port}", where="serving.port", hint="take one from 1 to 65535 with --port"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)  # taken is known only here on some systems
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        where, hint = _remedy(error)
        raise ServiceError(f"cannot listen on {host}:{port}: {reason}", where=where, hint=hint) from error
    return listener


def _remedy(error: OSError) -> tuple[str, str]:
    """Which setting is at fault, and what to do."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "serving.host", "give an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all of them"
    if error.errno == errno.EACCES:
        return "serving.port", "ports below 1024 need special rights; choose another with --port"
    return "serving.port", "choose another with --port, 0 for any free one, or stop what listens there"


def serve(
    app: FastAPI,
    handlers: Handlers,
    listener: socket.socket,
    settings: ServeSettings,
    started: Callable[[str], None],
) -> None:
    """Run `app` on a bound socket until SIGINT or SIGTERM, then answer what was accepted and return."""
    import uvicorn

    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started(url)

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            handlers.health.stop()  # not ready from this moment, while open requests are still answered
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here looks at a client's address
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, round(settings.grace_s)),
    )
    _run_quietly(Server(config), listener)


def _run_quietly(server: uvicorn.Server, listener: socket.socket) -> None:
    """Run to the end without dying of the signal that stopped it: uvicorn raises it again for its caller."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGTERM, lambda *_: None) if on_main_thread else None
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # Ctrl-C is how a user stops a service, not a failure
    finally:
        if on_main_thread:
            signal.signal(signal.SIGTERM, previous)
