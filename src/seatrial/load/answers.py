"""HTTP/1.1 answers out of the bytes of a connection, with as little work per answer as Python allows.

Refuses to know: sockets, and what a body says. It reads answers with a Content-Length and chunked ones, which is all
that a service sends to a POST; a full parser would cost as much as the rest of the generator together.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer", "MalformedAnswer", "Reply", "ReplyReader"]

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
CHUNKED = b"\r\ntransfer-encoding: chunked"
CLOSE = b"\r\nconnection: close"
BODILESS = {204, 304}
MAX_HEAD_BYTES = 65_536


class MalformedAnswer(ValueError):
    """The bytes are not an HTTP/1.1 answer that this reader knows."""


@dataclass(slots=True)
class Reply:
    """One whole answer.

    Attributes:
        status: the HTTP status.
        head: status line and headers in lower case, without the empty line.
        body: as it came, chunks joined.
    """

    status: int
    head: bytes
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether the service will close the connection."""
        return CLOSE in self.head

    def header(self, name: str) -> str | None:
        """The first header of this name, or None."""
        mark = f"\r\n{name.lower()}:".encode()
        start = self.head.find(mark)
        if start < 0:
            return None
        start += len(mark)
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip().decode("latin-1")


@dataclass(slots=True)
class Answer:
    """What became of one request, for who keeps a ledger outside the service.

    Attributes:
        request: number of the request, from 0, in the order of the schedule.
        body: index of the body that was sent; bodies are sent in turn.
        status: the HTTP status, or 0 when no whole answer came.
        error: why no whole answer came: ``"refused"`` (no connection), ``"closed"`` (the connection ended first),
            ``"timeout"``, ``"unsent"`` (the time ran out before a connection was free), ``"malformed"``, ``"stopped"``
            (the run ended first); else None.
        reply: the answer, or None.
        due_s: when the request should have left, in seconds of `time.monotonic`.
        sent_s: when it left, or None.
        done_s: when its last byte had come, or the error was noticed.
    """

    request: int
    body: int
    status: int
    error: str | None
    reply: Reply | None
    due_s: float
    sent_s: float | None
    done_s: float


class ReplyReader:
    """Collects the bytes of one connection and cuts them into answers."""

    __slots__ = ("_buffer", "_needed")

    def __init__(self) -> None:
        self._buffer = b""
        self._needed = 0

    @property
    def partial(self) -> bool:
        """Whether a part of an answer has come."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Reply | None:
        """Take what has come; the answer once it is whole, which ends the buffer (nothing is pipelined).

        Raises:
            MalformedAnswer: it is no answer, or more came than was announced.
        """
        buffer = self._buffer = self._buffer + data if self._buffer else data
        if len(buffer) < self._needed:
            return None
        head_end = buffer.find(HEAD_END)
        if head_end < 0:
            if len(buffer) > MAX_HEAD_BYTES:
                raise MalformedAnswer("a head without an end")
            return None
        head = buffer[:head_end].lower()
        status = _status(head)
        body = self._body(head, status, head_end + len(HEAD_END))
        if body is None:
            return None
        self._buffer, self._needed = b"", 0
        return Reply(status, head, body)

    def _body(self, head: bytes, status: int, start: int) -> bytes | None:
        """The body when it is whole."""
        place = head.find(LENGTH)
        if place < 0:
            if CHUNKED in head:
                return _joined(self._buffer, start)
            if status in BODILESS:
                return b""
            raise MalformedAnswer("neither Content-Length nor chunks")
        line_end = head.find(b"\r\n", place + 2)
        digits = head[place + len(LENGTH) : line_end if line_end >= 0 else None].strip()
        if not digits.isdigit():
            raise MalformedAnswer("a Content-Length that is no number")
        self._needed = start + int(digits)
        if len(self._buffer) > self._needed:
            raise MalformedAnswer("more bytes than announced")
        return self._buffer[start:] if len(self._buffer) == self._needed else None


def _status(head: bytes) -> int:
    if not head.startswith(b"http/1.1 ") or not head[9:12].isdigit():
        raise MalformedAnswer("not an HTTP/1.1 status line")
    return int(head[9:12])


def _joined(buffer: bytes, start: int) -> bytes | None:
    """The chunks from `start` on, joined; None while the last is missing."""
    parts: list[bytes] = []
    while True:
        line_end = buffer.find(b"\r\n", start)
        if line_end < 0:
            return None
        try:
            size = int(buffer[start:line_end].partition(b";")[0], 16)
        except ValueError as error:
            raise MalformedAnswer("a chunk without a size") from error
        start = line_end + 2
        if len(buffer) < start + size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(buffer[start : start + size])
        start += size + 2
