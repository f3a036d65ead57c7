"""The listening socket: made, taken over from another process, and closed without losing anybody.

Who has shaken hands with the kernel believes to be connected and may have sent a request already, although nobody has
accepted the connection yet. Closing the socket resets it. So a service that ends first lets no new handshake begin,
then accepts what is there, and only then closes. Refuses to know: HTTP, and what is served.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys
from contextlib import suppress

from seatrial.errors import ServiceError

__all__ = [
    "adopt",
    "allow_connections",
    "listen",
    "refuse_newcomers",
    "unaccepted",
    "url_of",
]

BACKLOG = 512
FILES_BESIDE = 512
"""File descriptors that are no connections: libraries, model files, gRPC, connections being refused."""

# Classic BPF on the TCP header: a segment with SYN in its flags (byte 13, bit 2) is dropped, everything else passes.
LOAD_FLAGS, JUMP_IF_SYN, RETURN = 0x30, 0x45, 0x06
NO_SYN = (
    struct.pack("HBBI", LOAD_FLAGS, 0, 0, 13)
    + struct.pack("HBBI", JUMP_IF_SYN, 0, 1, 2)
    + struct.pack("HBBI", RETURN, 0, 0, 0)
    + struct.pack("HBBI", RETURN, 0, 0, 0xFFFFFFFF)
)
QUEUED = struct.Struct("24xI")
"""In Linux's `struct tcp_info` of a listening socket, `tcpi_unacked` is how many connections wait to be accepted."""
SO_ATTACH_FILTER = 26  # Linux; Python's socket module does not name it


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
        listener.listen(BACKLOG)  # taken is known only here on some systems
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        where, hint = _remedy(error)
        raise ServiceError(f"cannot listen on {host}:{port}: {reason}", where=where, hint=hint) from error
    return listener


def adopt(descriptor: int) -> socket.socket:
    """A listening socket that another process made and passed on."""
    return socket.socket(fileno=descriptor)


def url_of(listener: socket.socket) -> str:
    """Where a client of this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def allow_connections(most: int) -> None:
    """Raise the soft limit of open files, as far as this user may, to what so many connections need."""
    import resource

    wanted = most + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:  # 1,024 is a common default
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def refuse_newcomers(listener: socket.socket) -> bool:
    """Let no new handshake begin; those that have begun go on, and what is connected stays.

    A client that comes now tries again after a second, as after a lost packet, and is then refused by the closed port.
    The socket is of no use for serving afterwards.

    Returns:
        Whether the system can do that; elsewhere the queue is only made as short as possible.
    """
    if sys.platform == "linux":
        code = ctypes.create_string_buffer(NO_SYN)
        program = struct.pack("HP", len(NO_SYN) // 8, ctypes.addressof(code))
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            return True
    with suppress(OSError):
        listener.listen(0)
    return False


def unaccepted(listener: socket.socket) -> int:
    """Connections that have shaken hands and that nobody has accepted yet; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    with suppress(OSError, struct.error):
        (queued,) = QUEUED.unpack(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, QUEUED.size))
        return int(queued)
    return 0


def _remedy(error: OSError) -> tuple[str, str]:
    """Which setting is at fault, and what to do."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "serving.host", "give an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all of them"
    if error.errno == errno.EACCES:
        return "serving.port", "ports below 1024 need special rights; choose another with --port"
    return "serving.port", "choose another with --port, 0 for any free one, or stop what listens there"
