"""Reading requests strictly: what two programs could read in two ways is refused, and a head has a limit.

The parser (llhttp) is strict about lengths and line ends already. Here is what it leaves open: Host, codings other than
chunked, old versions, the size of a head and of what stands between chunks, trailers, and requests that offer another
protocol. Refuses to know: time, answers and connections.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from seatrial.serve.http.wire.guards import CODING, FOREIGN_NAME, LONG_HEAD, MALFORMED, NO_HOST
from seatrial.serve.refusals import Refusal

__all__ = ["MAX_HEADERS", "StrictProtocol", "is_own_name"]

MAX_HEADERS = 100
"""Header lines of a request, at most; each costs more than its bytes."""
CHUNK_SHARE = 6
"""Bytes on the line for a byte of a body in chunks: with chunks of one byte, the worst honest case, there are six."""

AUTHORITY = re.compile(rb"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+))(?::[0-9]*)?")
"""What Host holds: an address of IPv6 in brackets, or a name or another address; then the port (RFC 9110, 7.2)."""


@lru_cache(maxsize=64)  # clients say the same with every request
def is_own_name(host: bytes, names: frozenset[str]) -> bool:
    """Whether Host names the machine itself: one of `names`, or an address of loopback. Nothing is looked up.

    Args:
        host: the header's value.
        names: in lower case.
    """
    found = AUTHORITY.fullmatch(host)
    if found is None:
        return False
    name = (found[1] or found[2]).decode("latin-1").lower()
    try:
        return name in names or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's connection with a strict reader; a subclass says what a refusal does.

    Attributes:
        max_head_bytes: longest request line and headers.
        called_as: names that Host may hold, besides addresses of loopback; None allows any.
        in_head: whether a request has begun whose head is not complete.
        in_body: whether a request's body is not complete.
        replaying: whether the parser reads a head that has been read before.
    """

    max_head_bytes = 16_384
    called_as: frozenset[str] | None = None
    in_head = in_body = replaying = False
    _offered = False  # the present request offers another protocol
    _head_bytes = _hosts = 0
    _between_bytes = 0  # of the body so far that can be nothing but what stands between chunks
    _begun = False  # the body begins in the bytes that are being read
    _fault: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Answer the present request with a refusal and close."""
        raise NotImplementedError

    def parse(self, data: bytes) -> None:
        """Read what has arrived."""
        rest = memoryview(data)
        try:
            while (taken := self._feed(rest)) < len(rest):
                rest = rest[taken:]
        except httptools.HttpParserError:
            self.refuse(self._fault or MALFORMED)
            return
        if self.in_head:  # a line that does not end is in no callback yet
            self._head_bytes += len(rest)
            if self._head_bytes > 2 * self.max_head_bytes:
                self.refuse(LONG_HEAD)
        elif self.in_body:
            self._between_bytes += 0 if self._begun else len(rest)
            self._begun = False
            if self._between_bytes > self.max_head_bytes:  # extensions of chunks are in no callback at all
                self.refuse(MALFORMED)

    def _feed(self, data: memoryview) -> int:
        """Give bytes to the parser; returns how many it took: an offer of another protocol ends with its head."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._stay()
            return int(offer.args[0])
        return len(data)

    def _stay(self) -> None:
        """Go on in HTTP/1.1 with a client that offers another protocol, as Java's does with every request.

        The parser takes what follows such a head for the other protocol; a new one is told only how long the body is.
        """
        self.parser = httptools.HttpRequestParser(self)
        framing = {b"content-length", b"transfer-encoding"}
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers if header[0] in framing)
        self.replaying = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + lines + b"\r\n")
        self.replaying = False

    def on_message_begin(self) -> None:
        if self.replaying:
            return
        super().on_message_begin()
        self.in_head = True
        self._head_bytes = self._hosts = 0

    def on_url(self, url: bytes) -> None:
        if self.replaying:
            return
        self.url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.replaying:
            return
        self._count(len(name) + len(value) + 4)
        if not self.in_head:
            return  # after the body: nothing here reads trailers, and they must not pass for headers
        if len(self.headers) >= MAX_HEADERS:
            self._object(LONG_HEAD)
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            self._object(CODING)
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.max_head_bytes:
            self._object(LONG_HEAD)

    def _object(self, fault: Refusal) -> None:
        """Stop the parser from within one of its callbacks."""
        self._fault = fault
        raise ValueError(fault.message)

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            self._object(MALFORMED)
        if self._hosts > 1 or (not self._hosts and version == "1.1"):
            self._object(NO_HOST)
        if self._hosts and self.called_as is not None:
            host = next(value for name, value in self.headers if name == b"host")
            if not is_own_name(host.strip(b" \t"), self.called_as):  # spaces around are no part of a value
                self._object(FOREIGN_NAME)
        if version == "1.0" and any(name == b"transfer-encoding" for name, _ in self.headers):
            self._object(CODING)
        super().on_headers_complete()
        self.in_head, self.in_body, self._begun = False, True, True
        self._between_bytes = 0
        self._offered = self.parser.should_upgrade()

    def on_body(self, body: bytes) -> None:
        self._between_bytes -= CHUNK_SHARE * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._offered and not self.replaying:
            self._offered = False  # the body is still to come, see `_stay`
            return
        self.in_body = False
        super().on_message_complete()
