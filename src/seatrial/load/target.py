"""Where the load goes: a URL, checked so that nobody is loaded by accident. Refuses to know: what is sent."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from seatrial.errors import ServiceError

__all__ = ["Target", "target_of"]


@dataclass(frozen=True, slots=True)
class Target:
    """An address to connect to and the name to ask for."""

    address: str
    port: int
    host: str


def target_of(url: str, *, allow_remote: bool = False) -> Target:
    """The address behind a URL.

    Args:
        url: ``http://HOST[:PORT]``; a path is ignored, the protocol says it.
        allow_remote: False refuses every address that is not this machine's loopback.

    Raises:
        ServiceError: no http URL, a name without an address, or another machine while that is not allowed.
    """
    example = "a URL such as http://127.0.0.1:8000"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, 80 if parts.port is None else parts.port
    except ValueError as error:
        raise ServiceError(f"is no URL ({error})", where=url, expected=example) from error
    if parts.scheme != "http" or not host or not port:
        hint = None if "://" in url else f"write http://{url}"
        raise ServiceError("cannot be loaded", where=url, expected=example, hint=hint)
    if set(parts.netloc) & set(" \r\n\t@"):
        raise ServiceError("holds what no host has", where=url, expected=example)
    try:
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except (socket.gaierror, UnicodeError) as error:
        raise ServiceError("the name has no address", where=url, hint="check the URL") from error
    if not allow_remote and not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        raise ServiceError(
            "is not on this machine, and a load generator can look like an attack",
            where=url,
            expected="an address of this machine's loopback",
            hint="add --allow-remote (allow_remote=True) if you may load that service",
        )
    return Target(address, port, parts.netloc)
