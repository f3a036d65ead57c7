"""SIGTERM and Ctrl-C under load: not ready at once, nothing accepted is lost, and nothing stays behind.

A request counts as accepted as soon as its client has a connection, the kernel's handshake being enough, and has sent
the request over it. It must get a whole answer: 200 with the right content, or 503 with Retry-After. The clients here
use no connection that was idle for longer than 50 ms and none after `Connection: close`, so there is no excuse for a
reset or an end without an answer. Not accepted is only who got no connection at all. Who has sent half a
request when the signal comes is answered like the others; idle connections are ended without a reset.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from seatrial import load
from seatrial.load.event_loop import in_event_loop
from seatrial.serve.process.listening import listen

from ..timeliness import in_time
from .figures import Figures, sized
from .ledger import EAGER, Ledger
from .service import Service, running, wait_until
from .versions import Version

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(900, 1800))]

DRAINS = sized(20, 100)
CLIENTS = 16
BURSTS, BURST_RATE, BURST_S = 2, 300.0, 0.25
STALLED_EVERY, STALL_AFTER_S, STALL_S = 3, 0.12, 0.3
"""Now and then the serving process gets no processor just when it should accept its last connections."""
IDLE, SLOW = 3, 2
SLOW_S = 0.3
"""How long after the signal a slow client sends the rest of its request: when the listening socket is closed."""
GRACE_S = 10.0
UNREADY_WITHIN_S = 0.2
"""`serving.settle_s`, the time in which a load balancer shall learn of it."""
PROBE_EVERY_S, PROBE_TIMEOUT_S = 0.01, 0.25
READY = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass
class Seen:
    """What one drain, or all of them, gave."""

    ends: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    probes: Counter[str] = field(default_factory=Counter)
    unready_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)
    after_signal: int = 0


def request_of(text: str) -> bytes:
    body = json.dumps({"inputs": text}).encode()
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    return head.encode() + b"\r\n\r\n" + body


async def probe(port: int) -> str:
    """What an orchestrator sees."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # a timeout is an OSError
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(READY)
                return (await reader.readuntil(b"\r\n")).split()[1].decode()
            finally:
                writer.close()
    return "gone"


async def probes(port: int, signalled_s: float, seen: Seen, over: asyncio.Event) -> None:
    """Ask until the service is gone; note the last probe that left before it was told 200."""
    last_ready_s = 0.0
    while not over.is_set():
        left_s = time.monotonic() - signalled_s
        found = await probe(port)
        seen.probes[found] += 1
        if found == "200":
            last_ready_s = left_s
        await asyncio.sleep(PROBE_EVERY_S)
    seen.unready_s.append(last_ready_s)


async def idle_client(port: int) -> str:
    """One answer, then silence: how the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request_of("Still there?"))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        rest = await asyncio.wait_for(reader.read(), GRACE_S + 70)
        return "ended" if not rest else f"said {rest[:80]!r}"
    except ConnectionResetError:
        return "reset"
    finally:
        writer.close()


async def slow_client(port: int, text: str, signalled: asyncio.Event) -> str:
    """Half a request before the signal, the rest after it: the status of its answer."""
    request = request_of(text)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request[: len(request) - 20])
        await signalled.wait()
        await asyncio.sleep(SLOW_S)
        writer.write(request[len(request) - 20 :])
        return (await reader.readuntil(b"\r\n")).split()[1].decode()
    except (ConnectionResetError, asyncio.IncompleteReadError) as error:
        return type(error).__name__
    finally:
        writer.close()


async def stall(pid: int) -> None:
    """Take the processor from a process for a while."""
    await asyncio.sleep(STALL_AFTER_S)
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(STALL_S)
    os.kill(pid, signal.SIGCONT)


async def drain(service: Service, ledger: Ledger, rng: random.Random, number: int, seen: Seen) -> None:
    """Load, the signal at a moment of chance, and what came of it."""
    url, texts, port = service.url, ledger.texts, service.port
    stop, signalled, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    at_s = rng.uniform(0.1, 0.8)

    async def burst(begin_s: float) -> None:
        await asyncio.sleep(max(0.0, begin_s))
        await load.open_loop(
            url,
            texts,
            rate=BURST_RATE,
            duration_s=BURST_S,
            seed=number,
            sending=EAGER,
            on_answer=ledger.hear,
            stop=stop,
        )

    async with asyncio.TaskGroup() as group:
        group.create_task(
            load.closed_loop(
                url, texts, clients=CLIENTS, duration_s=60, sending=EAGER, on_answer=ledger.hear, stop=stop
            )
        )
        idle = [group.create_task(idle_client(port)) for _ in range(IDLE)]
        slow = [group.create_task(slow_client(port, rng.choice(texts), signalled)) for _ in range(SLOW)]
        while not ledger.good:  # on a busy machine it takes its time
            await asyncio.sleep(0.01)
        for _ in range(BURSTS):
            group.create_task(burst(at_s + rng.uniform(-0.2, 0.15)))
        await asyncio.sleep(at_s)
        pid, signalled_s = service.serving_pid, time.monotonic()
        service.end(signal.SIGINT if number % 2 else signal.SIGTERM, group=bool(number % 2))
        signalled.set()
        if number % STALLED_EVERY == 0:
            group.create_task(stall(pid))
            group.create_task(burst(STALL_AFTER_S))
        group.create_task(probes(port, signalled_s, seen, over))
        await asyncio.to_thread(service.child.wait, GRACE_S + 60)
        seen.ended_s.append(time.monotonic() - signalled_s)
        await asyncio.sleep(0.1)  # what the kernel still holds for the clients is read
        over.set()
        stop.set()
    seen.after_signal += sum(end.done_s > signalled_s for end in ledger.good)
    seen.ends.update(ledger.kinds())
    seen.ends.update(f"idle {task.result()}" for task in idle)
    seen.ends.update(f"slow {task.result()}" for task in slow)
    seen.sent += sum(end.sent_s is not None for end in ledger.ends) + SLOW
    seen.lost += [f"drain {number}: {end} {end.done_s - signalled_s:+.3f} s" for end in ledger.lost]
    seen.lost += [f"drain {number}: slow {task.result()}" for task in slow if task.result() not in {"200", "503"}]
    seen.wrong += ledger.wrong + [f"drain {number}: idle {task.result()}" for task in idle if task.result() != "ended"]
    assert any(end.done_s <= signalled_s for end in ledger.good), "there was load when the signal came"


def test_nothing_accepted_is_lost_when_the_service_stops(
    versions: list[Version], known: list[str], figures: Figures, seed: int
) -> None:
    print(f"seed {seed}")
    rng, seen, version = random.Random(seed), Seen(), versions[0]
    alone_s: list[float] = []
    for number in range(DRAINS):
        ledger = Ledger(known, {version.name: version.golden})
        with running(version.folder, ends=0) as service:
            in_event_loop(lambda _: drain(service, ledger, rng, number, seen))  # noqa: B023 - called at once
            assert service.child.returncode == 0
            alone_s.append(wait_until(lambda: not service.pids, within_s=20))
            assert service.times_said("Traceback") == 0, service.said()
        listen("127.0.0.1", service.port).close()  # the port is free
    unready_s, ended_s = max(seen.unready_s), max(seen.ended_s)
    print(f"{dict(seen.ends)}; {seen.after_signal} answered after the signal; probes {dict(seen.probes)}")
    print(f"not ready after at most {unready_s:.3f} s, ended after at most {ended_s:.2f} s; lost {seen.lost[:5]}")
    for name, value, unit, most, n in (
        ("accepted requests lost by drains under load", len(seen.lost), "count", 0, seen.sent),
        ("time from the signal to not ready", unready_s, "s", UNREADY_WITHIN_S, len(seen.unready_s)),
        ("time from the signal to the end under load", ended_s, "s", GRACE_S, len(seen.ended_s)),
    ):
        figures.add(name, value, unit, goal=f"<= {most:g}", met=value <= most, n=n)
    assert len(seen.ended_s) == DRAINS
    assert seen.after_signal > 0, "the signals came while requests were under way"
    assert seen.probes["503"] > 0, "the service told that it was not ready"
    assert seen.lost == []
    assert seen.wrong == []
    in_time(unready_s, UNREADY_WITHIN_S, "seconds from the signal to not ready")
    in_time(ended_s, GRACE_S, "seconds from the signal to the end")
    in_time(max(alone_s), 0.5, "seconds by which a process outlived its parent")
