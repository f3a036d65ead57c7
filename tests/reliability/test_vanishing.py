"""Clients that vanish: before their request is whole, before the answer, and while it comes; politely and by reset.

Nobody waits for their answers any more, so nothing of them may stay: no work, no queue, no file descriptor.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from seatrial import load
from seatrial.load.event_loop import in_event_loop

from ..timeliness import in_time
from .figures import DEEP, Figures, sized
from .service import Service, running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(1200 if DEEP else 600)]

CLIENTS = sized(1000, 5000)
AT_ONCE = 50
ANSWERED_AT_ONCE = 6
"""Of clients that vanish during the answer, as they must be admitted first."""
IDLE_WITHIN_S = 1.0
MOST_FILES = 3  # a spare or two of the libraries
RESET = struct.pack("ii", 1, 0)  # SO_LINGER, on, 0 s: closing sends RST
SMALL_WINDOW_BYTES = 4096


class Stage(StrEnum):
    """When the client vanishes."""

    BODY = "before its body is whole"
    WAITING = "before the answer"
    ANSWER = "during the answer"


class Crowd:
    """Clients that vanish, and the ledger of what they did.

    Args:
        url: the service.
        texts: of their requests.
        rng: decides when each vanishes.
    """

    def __init__(self, url: str, texts: Sequence[str], rng: random.Random) -> None:
        address = urlsplit(url)
        self._address = (address.hostname, address.port)
        self._texts, self._rng = texts, rng
        self._answered = asyncio.Semaphore(ANSWERED_AT_ONCE)
        self._everybody = asyncio.Semaphore(AT_ONCE)
        self.ledger: Counter[tuple[str, bool]] = Counter()
        self.refused = 0

    async def come_and_go(self, count: int) -> None:
        """Let clients come, at most `AT_ONCE` at a time, each to vanish at a stage of its own."""
        plan = [(stage, reset) for stage in Stage for reset in (False, True)]
        chosen = [plan[number % len(plan)] for number in range(count)]
        self._rng.shuffle(chosen)
        async with asyncio.TaskGroup() as group:
            for stage, reset in chosen:
                await self._everybody.acquire()
                task = group.create_task(self._come(stage, reset))
                task.add_done_callback(lambda _: self._everybody.release())

    async def _come(self, stage: Stage, reset: bool) -> None:
        if stage is not Stage.ANSWER:
            self.ledger[await self._vanish(stage, reset), reset] += 1
            return
        async with self._answered:
            for _ in range(100):
                found = await self._vanish(stage, reset)
                if found != "refused":
                    self.ledger[found, reset] += 1
                    return
                self.refused += 1
                await asyncio.sleep(0.2)
        raise AssertionError("the service answers nobody")

    async def _vanish(self, stage: Stage, reset: bool) -> str:
        """One client; when it really vanished."""
        loop = asyncio.get_running_loop()
        texts = self._rng.sample(self._texts, 3) if stage is not Stage.ANSWER else ["so good"] * 32
        body = json.dumps({"inputs": texts}).encode()
        head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}"
        request = head.encode() + b"\r\n\r\n" + body
        with socket.socket() as client:
            client.setblocking(False)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW_BYTES)
            await loop.sock_connect(client, self._address)
            if stage is Stage.BODY:
                request = request[: self._rng.randrange(1, len(request))]
            await loop.sock_sendall(client, request)
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            if stage is Stage.ANSWER:
                begun = await loop.sock_recv(client, 12)
                return str(stage) if begun == b"HTTP/1.1 200" else "refused"
            await asyncio.sleep(self._rng.uniform(0, 0.02))
            try:
                client.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return str(stage)
            return "when the answer was there"


def _busy(service: Service) -> float:
    """What the service still has to do, beside telling so."""
    samples = service.metrics()
    own = 1  # the request for /metrics
    names = ("seatrial_requests_in_flight", "seatrial_queue_items", "seatrial_running_items")
    assert all(name in samples for name in names)
    return sum(value for name in names for _, value in samples[name]) - own


def test_nothing_is_left_of_clients_that_vanish(release: Path, texts: list[str], figures: Figures, seed: int) -> None:
    print(f"seed {seed}")
    rng = random.Random(seed)
    with running(release) as service:
        load.run(service.url, texts, clients=8, duration_s=1.0)
        assert wait_until(lambda: _busy(service) == 0, within_s=60) < 60
        time.sleep(0.2)  # the connections of the load are closed
        files, server = service.open_files, service.serving_pid

        async def crowd(_: asyncio.Event) -> Crowd:
            found = Crowd(service.url, texts, rng)
            await found.come_and_go(CLIENTS)
            return found

        gone = in_event_loop(crowd)
        idle_s = wait_until(lambda: _busy(service) == 0, within_s=60)
        closed_s = wait_until(lambda: service.open_files <= files + MOST_FILES, within_s=60)
        leaked = service.open_files - files
        noticed = service.metric("seatrial_refusals_total", reason="client_gone")
        failures = service.metric("seatrial_refusals_total", reason="failed")
        status, body = service.ask("POST", "/v1/predict", {"inputs": "Still there?"})
        assert service.serving_pid == server, "the same process serves"
    print(f"{dict(gone.ledger)}; {gone.refused} had to come again; {noticed:.0f} noticed")
    print(f"idle after {idle_s:.3f} s, file descriptors back after {closed_s:.3f} s ({leaked:+d})")
    vanished = gone.ledger.total()
    figures.add(
        "time until nothing is in flight after clients vanished",
        idle_s,
        "s",
        goal=f"<= {IDLE_WITHIN_S:g}",
        met=idle_s <= IDLE_WITHIN_S,
        n=vanished,
    )
    figures.add(
        "file descriptors left by clients that vanished",
        leaked,
        "count",
        goal=f"<= {MOST_FILES}",
        met=leaked <= MOST_FILES,
        n=vanished,
    )
    assert vanished == CLIENTS
    for stage in Stage:
        for reset in (False, True):
            assert gone.ledger[str(stage), reset] > CLIENTS / 20, "clients vanished at every stage, in both ways"
    assert noticed > CLIENTS / 10, "the service saw clients vanish"
    assert failures == 0
    assert leaked <= MOST_FILES
    assert status == 200, body
    assert json.loads(body)["predictions"]
    in_time(idle_s, IDLE_WITHIN_S, "seconds until nothing was in flight")
