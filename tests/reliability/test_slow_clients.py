"""Clients that are slow on purpose, at every door: each is cut off in time with 408, and nobody else waits for them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ..timeliness import timely
from .bad_heads import chunked
from .cases import Cases
from .doors import DOORS, HTTP, Door, own_refusal, request
from .figures import Figures, sized
from .judging import leak
from .service import running
from .wire import Connection

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(600, 900))]

ROUNDS = sized(2, 20)
HEAD_S, BODY_S = 1.0, 1.5
LOOK_S = 0.5
SLACK_S = 1.0
EVERY_S = 0.2
"""A byte so often; ten times as fast as a byte per second, so that a lowered timeout sees several."""
MOST_GOOD_MS = 500.0
"""Of a request beside them; a lone one takes some 5 ms."""


def _half(sent: bytes) -> int:
    """How many bytes are the head and half of what follows it."""
    head = sent.index(b"\r\n\r\n") + 4
    return head + (len(sent) - head) // 2


SLOW: dict[str, tuple[float, Callable[[Door], tuple[bytes, bytes]]]] = {
    "a head byte by byte": (HEAD_S, lambda door: (b"", request(door))),
    "headers without end": (HEAD_S, lambda door: (request(door).partition(b"\r\n\r\n")[0], b"\r\nX: a" * 100)),
    "half a head": (HEAD_S, lambda door: (request(door)[:40], b"")),
    "a head and nothing": (BODY_S, lambda door: (request(door).partition(b"\r\n\r\n")[0] + b"\r\n\r\n", b"")),
    "a body byte by byte": (BODY_S, lambda door: (_head(door, 1000), b" " * 1000)),
    "half a body": (BODY_S, lambda door: (request(door)[: _half(request(door))], b"")),
    "half the chunks": (BODY_S, lambda door: (chunked(door)[: _half(chunked(door))], b"")),
    "chunks of one byte": (BODY_S, lambda door: (chunked(door, sent=b""), b"1\r\n \r\n" * 100)),
    "a chunk's extension": (BODY_S, lambda door: (chunked(door, sent=b"1;"), b"a" * 100)),
    "trailers": (BODY_S, lambda door: (chunked(door, sent=b"0\r\n"), b"X: a\r\n" * 100)),
}
"""Name → the timeout that counts, what is sent at once, and what is sent byte by byte."""


def _head(door: Door, length: int) -> bytes:
    return request(door, b"", length=b"%d" % length)


def _cut(address: tuple[str, int], name: str, door: Door) -> tuple[str, object, float, str | None]:
    """Be slow: name, end, ms by which the end came later than the timeout, and what was wrong."""
    timeout_s, make = SLOW[name]
    at_once, slowly = make(door)
    case = f"{name} × {door.name}"
    began = time.monotonic()
    with Connection(address) as connection:
        connection.send(at_once)
        gone = threading.Event()

        def drip() -> None:
            for byte in slowly:
                if gone.wait(EVERY_S) or not connection.send(bytes([byte])):
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            answer = connection.answer()
            waited_s = time.monotonic() - began
            ended = answer is not None and answer.last and connection.ends()
        except (AssertionError, OSError) as error:
            return case, type(error).__name__, 1e3 * (time.monotonic() - began - timeout_s), repr(error)
        finally:
            gone.set()
            dripping.join()
    late_ms = 1e3 * (waited_s - timeout_s)
    if answer is None or answer.status != 408 or not own_refusal(json.loads(answer.body)):
        return case, getattr(answer, "status", None), late_ms, f"{answer}"
    right = ended and late_ms >= -1e3 * EVERY_S and not leak(answer.body.decode())
    return case, 408, late_ms, None if right else f"after {waited_s:.2f} s, ended {ended}: {answer}"


@contextmanager
def _others(address: tuple[str, int]) -> Iterator[Cases]:
    """Meanwhile good requests, one after the other, each on a connection of its own."""
    found, over = Cases(MOST_GOOD_MS), threading.Event()

    def ask() -> None:
        number = 0
        while not over.wait(0.02):
            door = HTTP[number % len(HTTP)]
            began = time.monotonic()
            with Connection(address) as connection:
                connection.send(request(door))
                answer = connection.answer()
            ms = 1e3 * (time.monotonic() - began)
            status = getattr(answer, "status", None)
            fault = None if status == 200 else f"{answer}"
            found.keep(f"{number} × {door.name}", status, ms, fault, slow=status == 408)
            number += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield found
    finally:
        over.set()
        asking.join()


def test_slow_clients_are_cut_off_and_nobody_waits_for_them(release: Path, figures: Figures) -> None:
    with running(release, settings={"head_timeout_s": HEAD_S, "body_timeout_s": BODY_S}) as service:
        url = urlsplit(service.url)
        assert url.hostname
        assert url.port
        address, slow = (url.hostname, url.port), Cases(1e3 * (LOOK_S + SLACK_S))
        crowd = [(name, door) for name in SLOW for door in HTTP] * ROUNDS
        with Connection(address) as warm:
            warm.send(request(DOORS["REST"]))
            warm.answer()
        with _others(address) as others, ThreadPoolExecutor(len(SLOW) * len(HTTP)) as pool:
            for ended in pool.map(lambda case: _cut(address, *case), crowd):
                slow.keep(*ended)
        counted = service.metric("seatrial_refusals_total", reason="slow_client")
    slow.write(figures, "slow clients")
    others.write(figures, "good requests beside slow clients")
    assert len(slow.ms) == len(crowd) > 0
    assert counted == len(crowd) + others.ends[408], "the service counts those that it cuts off"
    assert not others.faults, others.faults
    slow.check()
    others.check()
    timely(len(others.ms) > 20 * ROUNDS, f"only {len(others.ms)} good requests were answered meanwhile")
