"""How `seatrial serve` says that the service answers: to a program, in the log, and to people.

Refuses to know: processes.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seatrial.serve.process.orders import Addresses
    from seatrial.serve.settings import ServeSettings

__all__ = ["log_started", "started_object", "started_words"]

LOG = logging.getLogger("seatrial.serve")


def started_object(addresses: Addresses, folders: Sequence[Path]) -> dict[str, Any]:
    """The object of `--json`. `pid` is this process, which takes signals; those that serve come and go."""
    releases = [str(folder) for folder in folders]
    return {
        "url": addresses.url,
        "grpc_port": addresses.grpc_port,
        "pid": os.getpid(),
        "models": list(addresses.models),
        "release": releases[0],
        "releases": releases,
    }


def log_started(addresses: Addresses, folders: Sequence[Path], settings: ServeSettings) -> None:
    """The log's line about the start."""
    told = started_object(addresses, folders)
    del told["release"]
    fields = {**told, "keys": None if settings.keys_file is None else str(settings.keys_file)}
    LOG.info("serving", extra={"fields": fields})


def started_words(addresses: Addresses, folders: Sequence[Path], settings: ServeSettings) -> str:
    """Two lines for people."""
    grpc = f", gRPC at port {addresses.grpc_port}" if addresses.grpc_port is not None else ""
    what = f"{', '.join(addresses.models)} (from {', '.join(map(str, folders))})"
    if settings.keys_file is None:
        who = "without keys: who reaches this address may use it"
    else:
        who = f"callers need a key of {settings.keys_file}"
    return f"serving {what} at {addresses.url}{grpc}; Ctrl-C stops it\n{who}"
