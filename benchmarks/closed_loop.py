"""A closed-loop load generator: N clients, each sends its next request when its last answer has come.

It shares the machine with the service it measures, so it is one thread over raw sockets and spends as little as Python
can. Refuses to know: what is served; it counts answers that are 200 and fails on others. A process of its own:

    python benchmarks/closed_loop.py PORT PATH BODIES.json CLIENTS SECONDS   →   one JSON object on stdout
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

__all__ = ["closed_loop"]

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class _Client:
    """One kept-alive connection with at most one request under way."""

    __slots__ = ("buffer", "connection", "sent")

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent = 0.0

    def send(self, request: bytes) -> None:
        self.buffer = b""
        self.sent = time.perf_counter()
        self.connection.sendall(request)

    def answered(self) -> bool:
        """Read what has come; True when the answer is whole."""
        received = self.connection.recv(65536)
        if not received:
            raise ConnectionError("the service closed the connection")
        self.buffer += received
        head_end = self.buffer.find(HEAD_END)
        if head_end < 0:
            return False
        head = self.buffer[:head_end].lower()
        start = head.index(LENGTH) + len(LENGTH)
        line_end = head.find(b"\r\n", start)
        length = int(head[start : line_end if line_end >= 0 else None])
        if len(self.buffer) < head_end + len(HEAD_END) + length:
            return False
        if self.buffer[9:12] != b"200":
            raise RuntimeError(f"not answered with 200: {self.buffer[:300]!r}")
        return True


def closed_loop(port: int, path: str, bodies: Sequence[bytes], *, clients: int, seconds: float) -> dict[str, object]:
    """Load the service for `seconds`; answers that come later do not count.

    Args:
        port: of a service on 127.0.0.1.
        path: the route to POST to.
        bodies: JSON bodies, sent in turn.
        clients: connections, each with one request under way.
        seconds: how long.

    Returns:
        `answers`, `seconds` and `latencies_ms`, one figure per answer.
    """
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
    requests = cycle([head.encode() + str(len(body)).encode() + HEAD_END + body for body in bodies])
    selector = selectors.DefaultSelector()
    latencies_ms: list[float] = []
    started = time.perf_counter()
    for _ in range(clients):
        client = _Client(port)
        selector.register(client.connection, selectors.EVENT_READ, client)
        client.send(next(requests))
    while (now := time.perf_counter()) < started + seconds:
        for key, _ in selector.select(timeout=started + seconds - now):
            if key.data.answered():
                latencies_ms.append((time.perf_counter() - key.data.sent) * 1e3)
                key.data.send(next(requests))
    elapsed = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        key.data.connection.close()
    return {"answers": len(latencies_ms), "seconds": elapsed, "latencies_ms": latencies_ms}


if __name__ == "__main__":
    port, path, file, clients, seconds = sys.argv[1:]
    bodies = [json.dumps(body).encode() for body in json.loads(Path(file).read_text(encoding="utf-8"))]
    json.dump(closed_loop(int(port), path, bodies, clients=int(clients), seconds=float(seconds)), sys.stdout)
