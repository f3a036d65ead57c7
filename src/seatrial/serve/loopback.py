"""Which addresses only this machine can reach, and that a service at any other needs keys.

Refuses to know: sockets in use, keys and transports.
"""

from __future__ import annotations

import ipaddress
import socket

from seatrial.errors import ServiceError

__all__ = ["is_loopback", "require_keys_or_loopback"]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address. A name counts as its addresses, all of them."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(address[4][0]).is_loopback for address in found)


def require_keys_or_loopback(host: str, *, has_keys: bool, insecure: bool) -> None:
    """Refuse to offer a service to a network where everybody could use it.

    Raises:
        ServiceError: others can reach the address, and there are no keys.
    """
    if not (has_keys or insecure or is_loopback(host)):
        raise ServiceError(
            f"{host} can be reached from other machines, and the service has no keys",
            where="serving.host",
            hint="make a key with `seatrial keys add NAME` and give its file with --keys, "
            "or let everybody in with --insecure",
        )
