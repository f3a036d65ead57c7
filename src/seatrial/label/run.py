"""Runs the labelling page until Ctrl-C or SIGTERM.

Refuses to know: what is labelled.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from starlette.applications import Starlette

from seatrial.errors import ServiceError

__all__ = ["listen", "run_page"]


def listen(host: str, port: int) -> socket.socket:
    """A socket at the address; port 0 takes a free one.

    Raises:
        ServiceError: the address cannot be had.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        hint = "choose another --port, or 0 for a free one"
        raise ServiceError(f"cannot listen on {host}, port {port}: {error}", where="--port", hint=hint) from error


def run_page(app: Starlette, listener: socket.socket, started: Callable[[], None]) -> None:
    """Answer until the process is told to stop.

    Args:
        app: the application.
        listener: where.
        started: called when the page can be opened.
    """
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, server_header=False
    )
    started()
    uvicorn.Server(config).run(sockets=[listener])
