"""HTTP/1.1 as bytes: send anything, and read what comes back without a library that would repair or refuse it.

Refuses to know: what is asked, and whether the answer is right.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

__all__ = ["Answer", "Connection"]

LONGEST_S = 60.0
"""Of a wait, on a machine that may be busy; whether an answer was in time is for who asks to say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def last(self) -> bool:
        """Whether it says that the connection ends with it."""
        return self.headers.get("connection", "").lower() == "close"


class Connection:
    """A connection to a service.

    Args:
        address: host and port.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=LONGEST_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, parts: bytes | Iterable[bytes], *, every_s: float = 0.0) -> bool:
        """Send bytes, or several pieces with a pause after each; false if the service does not take all of them."""
        try:
            for part in (parts,) if isinstance(parts, bytes) else parts:
                self._socket.sendall(part)
                if every_s:
                    time.sleep(every_s)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def answer(self, *, within_s: float = LONGEST_S) -> Answer | None:
        """The next whole answer, those that only say "go on" left out; None if the connection ends cleanly before it.

        Raises:
            TimeoutError: it does not come in time.
            AssertionError: what comes is no HTTP/1.1 answer, or only a part of one.
        """
        give_up = time.monotonic() + within_s
        while True:
            while b"\r\n\r\n" not in self._received:
                if not self._more(give_up):
                    assert not self._received, f"only a part of an answer: {self._received[:200]!r}"
                    return None
            head, _, rest = self._received.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            version, code, _ = first.split(" ", 2)
            assert version == "HTTP/1.1", first
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            assert len(headers) == len(lines), f"a header is there twice: {lines}"
            self._received = rest
            if int(code) >= 200:
                break
        size = int(headers.get("content-length", "0"))
        while len(self._received) < size:
            assert self._more(give_up), "the answer ends too early"
        body, self._received = self._received[:size], self._received[size:]
        return Answer(int(code), headers, body)

    def ends(self, *, within_s: float = 20.0) -> bool:
        """Whether the service closes the connection, with a FIN and nothing behind the last answer."""
        try:
            return not self._received and not self._more(time.monotonic() + within_s)
        except (TimeoutError, ConnectionResetError):
            return False

    def _more(self, give_up: float) -> bool:
        self._socket.settimeout(max(0.001, give_up - time.monotonic()))
        some = self._socket.recv(65536)
        self._received += some
        return bool(some)
