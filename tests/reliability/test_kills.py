"""kill -9 of the serving process under load, and of its supervisor: back at once, never a wrong answer, nothing left.

The clients' connections end with the process, and with them what was under way. Whoever comes after that waits in the
queue of the listening socket, which the supervisor keeps, and is answered by the next process: nobody is refused.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial import load
from seatrial.load.event_loop import in_event_loop
from seatrial.serve.process.listening import listen

from ..timeliness import in_time, timely
from .figures import Figures, sized
from .ledger import EAGER, End, Ledger
from .service import Service, running, wait_until
from .versions import Version

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(900, 1800))]

KILLS = sized(20, 200)
SUPERVISOR_KILLS = sized(3, 20)
CLIENTS, RATE = 16, 40.0
BACK_WITHIN_S = 2.0
GIVE_UP_S = 60.0
GRACE_S = 10.0
BETWEEN_S = (0.9, 1.8)
"""Now and then too soon for the spare process to be ready."""
QUIET_S = 0.3
"""For what the kernel still holds for the clients."""


@dataclass
class Kill:
    """One kill: from the signal to the first good answer to a request that left when the process was gone."""

    killed_s: float
    gone_s: float
    back_s: float = float("inf")


@dataclass
class Seen:
    """What all kills gave."""

    kills: list[Kill] = field(default_factory=list)
    pids: set[int] = field(default_factory=set)
    zombies: int = 0


def _first_good(ledger: Ledger, begin: int, since_s: float) -> float | None:
    """When the first good answer came to a request that left after `since_s`; ends before index `begin` are older."""
    return min(
        (end.done_s for end in ledger.ends[begin:] if end.status == 200 and (end.sent_s or 0) > since_s), default=None
    )


async def _kill(service: Service, ledger: Ledger) -> Kill:
    """Kill the serving process and wait until the service is back."""
    pid, begin = service.serving_pid, len(ledger.ends)
    killed_s = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():  # its first thread is a zombie before the last one has let go of the sockets
        await asyncio.sleep(0.001)
    kill = Kill(killed_s, time.monotonic())
    while time.monotonic() < killed_s + GIVE_UP_S:
        await asyncio.sleep(0.005)
        first_s = _first_good(ledger, begin, kill.gone_s)
        if first_s is not None:
            kill.back_s = first_s - killed_s
            break
    assert service.serving_pid != pid
    return kill


async def _kills(service: Service, ledger: Ledger, rng: random.Random, seed: int) -> Seen:
    """Kill again and again under load."""
    url, texts, stop, seen = service.url, ledger.texts, asyncio.Event(), Seen()
    common = {"duration_s": 3600.0, "sending": EAGER, "on_answer": ledger.hear, "stop": stop}
    async with asyncio.TaskGroup() as group:
        group.create_task(load.closed_loop(url, texts, clients=CLIENTS, **common))  # type: ignore[arg-type]
        group.create_task(load.open_loop(url, texts, rate=RATE, seed=seed, **common))  # type: ignore[arg-type]
        await asyncio.sleep(1)
        for _ in range(KILLS):
            seen.pids.add(service.serving_pid)
            seen.kills.append(await _kill(service, ledger))
            await asyncio.sleep(rng.uniform(*BETWEEN_S))
        seen.pids.add(service.serving_pid)
        seen.zombies = service.zombies
        stop.set()
    return seen


def _excused(end: End, kills: list[Kill]) -> bool:
    """Whether a request was under way at a kill, over a connection that ended with the process."""
    return end.error == "closed" and any(
        (end.sent_s or 0) <= kill.gone_s and kill.killed_s <= end.done_s <= kill.killed_s + kill.back_s
        for kill in kills
    )


def test_a_killed_process_is_replaced_at_once(
    versions: list[Version], known: list[str], figures: Figures, seed: int
) -> None:
    print(f"seed {seed}")
    version = versions[0]
    ledger = Ledger(known, {version.name: version.golden})
    with running(version.folder) as service:
        supervisor = service.parent
        seen = in_event_loop(lambda _: _kills(service, ledger, random.Random(seed), seed))
        assert service.child.poll() is None
        assert supervisor in service.pids, "the supervisor lives"
        answered_again = service.times_said("answers again after")
    times = [kill.back_s for kill in seen.kills]
    unexcused = [end for end in ledger.failed if end.error != "stopped" and not _excused(end, seen.kills)]
    print(f"{ledger.kinds()}; back after {statistics.median(times):.2f} s, at most {max(times):.2f} s")
    print(f"failed without excuse: {unexcused[:5]} of {seen.kills[:5]}; wrong: {ledger.wrong[:5]}")
    for name, value, unit, most, n in (
        ("time from kill -9 to the first good answer, longest", max(times), "s", BACK_WITHIN_S, len(times)),
        ("wrong answers around kill -9", len(ledger.wrong), "count", 0, len(ledger.good)),
        ("requests failed that were not under way at kill -9", len(unexcused), "count", 0, len(ledger.ends)),
    ):
        figures.add(name, value, unit, goal=f"<= {most:g}", met=value <= most, n=n)
    assert len(times) == KILLS
    assert len(seen.pids) == KILLS + 1, "each time another process served"
    assert answered_again == KILLS
    assert ledger.failed, "the kills hit requests under way"
    assert ledger.wrong == []
    waited = [end for end in unexcused if end.status == 503 or end.error == "timeout"]
    assert [end for end in unexcused if end not in waited] == []
    assert seen.zombies == 0
    timely(waited == [], f"{len(waited)} requests waited for too long: {waited[:5]}")
    timely(len(ledger.good) > len(ledger.failed), f"most requests failed: {ledger.kinds()}")
    in_time(max(times), BACK_WITHIN_S, "seconds from kill -9 to the first good answer")


async def _orphan(service: Service, ledger: Ledger, at_s: float) -> float:
    """Kill the supervisor under load; seconds until none of the service's processes is left."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            load.closed_loop(
                service.url,
                ledger.texts,
                clients=CLIENTS,
                duration_s=3600,
                sending=EAGER,
                on_answer=ledger.hear,
                stop=stop,
            )
        )
        await asyncio.sleep(at_s)
        assert len(service.pids) > 1
        begun = len(ledger.good)
        service.end(signal.SIGKILL)
        await asyncio.to_thread(service.child.wait, GIVE_UP_S)
        ended_s = await asyncio.to_thread(wait_until, lambda: not service.pids, within_s=GIVE_UP_S)
        await asyncio.sleep(QUIET_S)
        stop.set()
    assert begun > 0, "there was load"
    return float(ended_s)


def test_nothing_outlives_a_killed_supervisor(
    versions: list[Version], known: list[str], figures: Figures, seed: int
) -> None:
    print(f"seed {seed}")
    rng, version, times = random.Random(seed), versions[0], []
    lost: list[End] = []
    wrong: list[str] = []
    sent = 0
    for _ in range(SUPERVISOR_KILLS):
        ledger = Ledger(known, {version.name: version.golden})
        with running(version.folder, ends=-signal.SIGKILL) as service:
            at_s = rng.uniform(0.2, 1.5)
            times.append(in_event_loop(lambda _: _orphan(service, ledger, at_s)))  # noqa: B023 - called at once
        listen("127.0.0.1", service.port).close()  # the port is free
        lost += ledger.lost
        wrong += ledger.wrong
        sent += len(ledger.ends)
    print(f"nothing left after at most {max(times):.2f} s; {sent} sent, lost {lost[:5]}")
    name = "time from kill -9 of the supervisor until nothing is left"
    figures.add(name, max(times), "s", goal=f"<= {GRACE_S:g}", met=max(times) <= GRACE_S, n=len(times))
    name = "accepted requests lost by kill -9 of the supervisor"
    figures.add(name, len(lost), "count", goal="<= 0", met=not lost, n=sent)
    assert len(times) == SUPERVISOR_KILLS
    assert lost == []
    assert wrong == []
    in_time(max(times), GRACE_S, "seconds from kill -9 of the supervisor until nothing is left")
