"""A toy HTTP service in a thread of its own, whose answers a test scripts, and which counts what it received."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Reaction:
    """What the service does with one request: wait, then answer, or close the connection without an answer."""

    delay_s: float = 0.0
    status: int = 200
    headers: str = ""
    body: bytes = b'{"predictions":[],"version":"v1"}'
    vanish: bool = False
    chunked: bool = False


@dataclass
class ToyService:
    """Answers POSTs; `react` gets the request's number (from 0) and the seconds since the first."""

    react: Callable[[int, float], Reaction] = lambda number, since_s: Reaction()
    received: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    url: str = ""
    _first_s: float = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open_now -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        self.received.append(await reader.readexactly(length))
        self.heads.append(head)
        now = time.monotonic()
        self._first_s = self._first_s or now
        reaction = self.react(len(self.received) - 1, now - self._first_s)
        await asyncio.sleep(reaction.delay_s)
        if reaction.vanish:
            return False
        writer.write(answer_bytes(reaction))
        await writer.drain()
        return b"connection: close" not in reaction.headers.lower().encode()


def answer_bytes(reaction: Reaction) -> bytes:
    line = f"HTTP/1.1 {reaction.status} Said\r\nContent-Type: application/json\r\n{reaction.headers}"
    if reaction.chunked:
        half = len(reaction.body) // 2
        parts = [reaction.body[:half], reaction.body[half:], b""]
        chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts)
        return f"{line}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks
    return f"{line}Content-Length: {len(reaction.body)}\r\n\r\n".encode() + reaction.body


@pytest.fixture
def service() -> Iterator[ToyService]:
    """The toy on a free port of the loopback."""
    toy = ToyService()
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def main() -> None:
        server = await asyncio.start_server(toy.serve, "127.0.0.1", 0, backlog=1024)
        toy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(main())

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(60)
    yield toy
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def reaction() -> type[Reaction]:
    """The class, as test modules cannot import their conftest."""
    return Reaction
