"""The load generator: an open loop (a schedule that waits for nobody) or a closed one (clients that wait for answers).

Refuses to know: what a service computes, and whether its figures are good enough.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from seatrial.errors import ServiceError
from seatrial.load.answers import Answer
from seatrial.load.event_loop import in_event_loop
from seatrial.load.measurement import SWEEP_S, Measurement
from seatrial.load.pacer import Pacer
from seatrial.load.result import LoadResult
from seatrial.load.schedule import Arrivals, departures
from seatrial.load.sending import Sending
from seatrial.progress import Progress, silent

__all__ = ["MAX_DURATION_S", "MAX_RATE", "closed_loop", "open_loop", "run"]

MAX_RATE = 20_000.0
MAX_DURATION_S = 3600.0
AT_ONCE = 64
"""Requests written before answers are read again, should the generator be behind."""


async def open_loop(
    url: str,
    texts: Sequence[str],
    *,
    rate: float,
    duration_s: float,
    arrivals: Arrivals = "poisson",
    seed: int = 0,
    sending: Sending | None = None,
    on_answer: Callable[[Answer], None] | None = None,
    progress: Progress = silent,
    stop: asyncio.Event | None = None,
) -> LoadResult:
    """Send requests on a schedule that does not wait for answers.

    Args:
        url: the service, ``http://HOST:PORT``.
        texts: sent in turn; at least one.
        rate: requests per second.
        duration_s: length of the schedule in seconds; answers are awaited after it, up to the timeout.
        arrivals: ``"poisson"`` or ``"constant"``.
        seed: of the arrivals.
        sending: batch, protocol, key, limits.
        on_answer: called with every request's end, in the order of the ends; must be quick.
        progress: told twice a second.
        stop: once it is set, nothing more is sent, and what has been measured is returned.

    Raises:
        ServiceError: the URL cannot or may not be loaded, or a bound is exceeded.
    """
    _check(duration_s, rate=rate)
    run = Measurement(
        url, texts, sending or Sending(), duration_s=duration_s, on_answer=on_answer, progress=progress, stop=stop
    )
    schedule = enumerate(departures(rate, duration_s, arrivals=arrivals, seed=seed))
    upcoming = next(schedule, None)

    def leave() -> None:
        """Send all that is due, then sleep until the next request is."""
        nonlocal upcoming
        for _ in range(AT_ONCE):
            if upcoming is None or run.stop.is_set():
                return
            number, offset_s = upcoming
            if run.started_s + offset_s > time.monotonic():
                break
            run.send(number, run.started_s + offset_s)
            upcoming = next(schedule, None)
        if upcoming is not None:
            pacer.wake_at(run.started_s + upcoming[1])

    pacer = Pacer(asyncio.get_running_loop(), leave)
    try:
        leave()
        await run.sweep_until(lambda: upcoming is None and not run.pool.under_way)
    finally:
        pacer.close()
        await run.pool.close()
    return run.result(rate=rate)  # with what was still under way when it was stopped


async def closed_loop(
    url: str,
    texts: Sequence[str],
    *,
    clients: int,
    duration_s: float,
    sending: Sending | None = None,
    on_answer: Callable[[Answer], None] | None = None,
    progress: Progress = silent,
    stop: asyncio.Event | None = None,
) -> LoadResult:
    """Let clients send their next request when their last one has been answered.

    It measures throughput with a known number of clients. It says little about latency under load: when the service
    stalls, so do the clients, and what others would have seen is never measured.

    Args:
        url: the service, ``http://HOST:PORT``.
        texts: sent in turn; at least one.
        clients: requests under way at any time.
        duration_s: how long requests are sent, in seconds.
        sending: batch, protocol, key, limits.
        on_answer: called with every request's end; must be quick.
        progress: told twice a second.
        stop: once it is set, nothing more is sent, and what has been measured is returned.

    Raises:
        ServiceError: the URL cannot or may not be loaded, or a bound is exceeded.
    """
    _check(duration_s, clients=clients)
    run = Measurement(
        url, texts, sending or Sending(), duration_s=duration_s, on_answer=on_answer, progress=progress, stop=stop
    )
    loop = asyncio.get_running_loop()
    number = 0

    def send_next() -> None:
        nonlocal number
        now_s = time.monotonic()
        if now_s < run.started_s + duration_s and not run.stop.is_set():
            run.send(number, now_s)
            number += 1

    def after(answer: Answer) -> None:
        if answer.error:  # a service that is away must not make the loop spin
            loop.call_later(SWEEP_S, send_next)
        else:
            send_next()

    run.on_end = after
    try:
        for _ in range(clients):
            send_next()
        await run.sweep_until(lambda: time.monotonic() >= run.started_s + duration_s and not run.pool.under_way)
    finally:
        run.on_end = None
        await run.pool.close()
    return run.result(clients=clients)


def run(
    url: str,
    texts: Sequence[str],
    *,
    duration_s: float,
    rate: float | None = None,
    clients: int | None = None,
    arrivals: Arrivals = "poisson",
    seed: int = 0,
    sending: Sending | None = None,
    on_answer: Callable[[Answer], None] | None = None,
    progress: Progress = silent,
) -> LoadResult:
    """`open_loop` at a rate, or `closed_loop` with a number of clients, in an event loop of its own.

    Ctrl-C ends it early: what has been measured is returned, with `stopped` set.

    Args:
        url: the service, ``http://HOST:PORT``.
        texts: sent in turn; at least one.
        duration_s: seconds.
        rate: requests per second of an open loop. Give this or `clients`.
        clients: of a closed loop.
        arrivals: of the open loop.
        seed: of the arrivals.
        sending: batch, protocol, key, limits.
        on_answer: called with every request's end.
        progress: told twice a second.

    Raises:
        ServiceError: the URL cannot or may not be loaded, a bound is exceeded, or not exactly one loop is asked for.
    """
    if (rate is None) == (clients is None):
        raise ServiceError("a load is either open or closed", expected="exactly one of rate and clients")

    async def measure(stop: asyncio.Event) -> LoadResult:
        if clients is not None:
            return await closed_loop(
                url,
                texts,
                clients=clients,
                duration_s=duration_s,
                sending=sending,
                on_answer=on_answer,
                progress=progress,
                stop=stop,
            )
        assert rate is not None
        return await open_loop(
            url,
            texts,
            rate=rate,
            duration_s=duration_s,
            arrivals=arrivals,
            seed=seed,
            sending=sending,
            on_answer=on_answer,
            progress=progress,
            stop=stop,
        )

    return in_event_loop(measure)


def _check(duration_s: float, *, rate: float = 1.0, clients: int = 1) -> None:
    for name, value, most, unit in (
        ("duration", duration_s, MAX_DURATION_S, "s"),
        ("rate", rate, MAX_RATE, "requests/s"),
    ):
        if not 0 < value <= most:
            raise ServiceError(f"the {name} cannot be {value:g}", expected=f"above 0 and at most {most:g} {unit}")
    if clients < 1:
        raise ServiceError(f"there cannot be {clients} clients", expected="1 or more")
