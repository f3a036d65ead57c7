"""What all connections of a server share, and the refusals of what never reaches the application.

Refuses to know: parsers and transports.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from http import HTTPStatus

from seatrial.serve.http.errors import refused
from seatrial.serve.http.front import HEADERS
from seatrial.serve.loopback import is_loopback
from seatrial.serve.refusals import Refusal
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.metrics import Metrics

__all__ = [
    "CODING",
    "CROWDED",
    "CUT_OFF",
    "FOREIGN_NAME",
    "LONG_HEAD",
    "MALFORMED",
    "NO_HOST",
    "SLOW_BODY",
    "SLOW_HEAD",
    "STOPPING",
    "ClosedGently",
    "Guards",
    "spelled",
]

MALFORMED = Refusal(
    400,
    "INVALID_ARGUMENT",
    "malformed",
    "this is no well-formed HTTP/1.1 request",
    "end lines with CR LF, and give the body's length once: with Content-Length, or chunked",
)
NO_HOST = Refusal(400, "INVALID_ARGUMENT", "malformed", "the request needs one Host header", "send exactly one")
CODING = Refusal(
    400, "INVALID_ARGUMENT", "malformed", "this Transfer-Encoding is not known here", "send chunked, or Content-Length"
)
LONG_HEAD = Refusal(431, "INVALID_ARGUMENT", "too_large", "the headers are too long", "send fewer or shorter headers")
SLOW_HEAD = Refusal(408, "DEADLINE_EXCEEDED", "slow_client", "the headers took too long", "send the request at once")
SLOW_BODY = Refusal(408, "DEADLINE_EXCEEDED", "slow_client", "the body took too long", "send the request at once")
CROWDED = Refusal(503, "UNAVAILABLE", "busy", "the service has too many connections", "use fewer connections", 1)
STOPPING = Refusal(503, "UNAVAILABLE", "busy", "the service is stopping", "send the request again in 1 s", 1)


FOREIGN_NAME = Refusal(
    421,
    "PERMISSION_DENIED",
    "forbidden",
    "a service without keys answers who calls it by an address of its own machine only",
    "call it as localhost; one that is called by another name needs keys, or --insecure",
)
CUT_OFF = "seatrial.cut_off"
"""Key of a scope: the refusal that the connection itself gave to a request whose answer nobody waits for any more."""


class Guards:
    """What all connections of a server share.

    Args:
        settings: the limits.
        metrics: hears of refusals.

    Attributes:
        draining: whether the service is stopping: every answer is then the last of its connection.
        called_as: the names that a client may call the service by, besides addresses of loopback; None allows any. A
            web page can point a name of its own at this machine, and its scripts then read what answers there.
    """

    def __init__(self, settings: ServeSettings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.draining = False
        own = settings.keys_file is None and not settings.insecure and is_loopback(settings.host)
        self.called_as = frozenset({"localhost", settings.host.lower()}) if own else None


class ClosedGently:
    """A transport as uvicorn uses it while it answers, closed by the connection's own rules.

    Args:
        transport: the real one.
        finish: called instead of closing it.
        finishing: whether that has begun.
    """

    def __init__(self, transport: Transport, finish: Callable[[], None], finishing: Callable[[], bool]) -> None:
        self._transport, self._finishing = transport, finishing
        self.write, self.get_extra_info = transport.write, transport.get_extra_info
        self.close = finish

    def is_closing(self) -> bool:
        """Whether nothing more should be written."""
        return self._finishing() or self._transport.is_closing()


def spelled(refusal: Refusal) -> bytes:
    """A refusal as the bytes of a whole answer, the last of its connection."""
    response = refused(refusal, "rest")
    headers = dict([*response.raw_headers, *HEADERS, (b"connection", b"close")])
    status = HTTPStatus(refusal.status)
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers.items())
    return b"HTTP/1.1 %d %s\r\n%s\r\n" % (status, status.phrase.encode(), lines) + bytes(response.body)
