"""A watcher in a process of its own: asks whether a service is alive and ready, every 100 ms, as an orchestrator does.

Not in the load generator's process, whose own delays would be taken for the service's. Every probe opens a connection
of its own, and leaves on schedule whether or not those before it were answered, so that a stall hides nothing.
Refuses to know: what the service goes through meanwhile.

As a program (`python probes.py HOST PORT`) it asks until its stdin closes, then writes one JSON object: path →
latencies of the answers 200 in ms, and what became of the other probes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["PATHS", "Probed", "probing"]

PATHS = ("/health/live", "/health/ready")
EVERY_S = 0.1
TIMEOUT_S = 1.0
"""A kubelet's default."""


@dataclass
class Probed:
    """What the watcher saw: per path the latencies of good answers in ms, ascending, and the misses by kind."""

    latencies_ms: dict[str, list[float]] = field(default_factory=dict)
    misses: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def sent(self) -> int:
        """Probes of all paths."""
        return sum(map(len, self.latencies_ms.values())) + sum(map(len, self.misses.values()))

    @property
    def due(self) -> int:
        """Probes that the schedule held."""
        return math.floor(self.seconds / EVERY_S) * len(PATHS)

    @property
    def missed(self) -> list[str]:
        """What happened to the probes that were not answered 200 in time."""
        return [f"{path}: {kind}" for path, kinds in self.misses.items() for kind in kinds]

    def percentile_ms(self, share: float) -> float:
        """Of all good answers."""
        ascending = sorted(latency for latencies in self.latencies_ms.values() for latency in latencies)
        assert ascending, "no probe was answered"
        return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


@contextmanager
def probing(url: str) -> Iterator[Probed]:
    """Watch a service while the context lasts; what was seen is filled in at its end."""
    address, found = urlsplit(url), Probed()
    command = [sys.executable, "-S", str(Path(__file__)), str(address.hostname), str(address.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == b"started\n"
            yield found
            answer, _ = child.communicate(timeout=10)
        finally:
            child.kill()
    seen = json.loads(answer)
    found.latencies_ms, found.misses, found.seconds = seen["latencies_ms"], seen["misses"], seen["seconds"]


async def _probe(host: str, port: int, path: str) -> tuple[float, str | None]:
    """Latency in ms from before the connection to the end of the answer, and what was wrong."""
    started, writer = time.monotonic(), None
    fault: str | None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            status = head.split(b" ", 2)[1].decode()
            fault = None if status == "200" else f"status {status}"
    except TimeoutError:
        fault = "timeout"
    except (OSError, asyncio.IncompleteReadError) as error:
        fault = type(error).__name__
    latency_ms = (time.monotonic() - started) * 1e3
    if writer is not None:
        writer.close()
    return latency_ms, fault


async def _watch(host: str, port: int) -> dict[str, object]:
    latencies_ms: dict[str, list[float]] = {path: [] for path in PATHS}
    misses: dict[str, list[str]] = {path: [] for path in PATHS}
    loop, running, end = asyncio.get_running_loop(), set[asyncio.Task[None]](), asyncio.Event()
    loop.add_reader(0, end.set)  # stdin is closed when the watch is over

    async def once(path: str) -> None:
        latency_ms, fault = await _probe(host, port, path)
        if fault is None:
            latencies_ms[path].append(latency_ms)
        else:
            misses[path].append(f"{fault} after {latency_ms:.0f} ms")

    started, rounds = time.monotonic(), 0
    while not end.is_set():
        for path in PATHS:
            task = asyncio.create_task(once(path))
            running.add(task)
            task.add_done_callback(running.discard)
        rounds += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), max(0.0, started + rounds * EVERY_S - time.monotonic()))
    seconds = time.monotonic() - started
    await asyncio.gather(*running)
    return {"latencies_ms": latencies_ms, "misses": misses, "seconds": seconds}


def main() -> None:
    """Watch until stdin closes."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # as on another machine: waiting for a core here would be taken for the service's delay
    sys.stdout.write("started\n")
    sys.stdout.flush()
    json.dump(asyncio.run(_watch(sys.argv[1], int(sys.argv[2]))), sys.stdout)


if __name__ == "__main__":
    main()
