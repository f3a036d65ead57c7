"""A steady load below the knee, for long: nobody is refused, nobody is lost, and memory stays what it was."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from seatrial import load

from ..timeliness import timely
from .figures import DEEP, SHARE, Figures, sized
from .rates import Bearable
from .service import Service, running

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(2700 if DEEP else 600)]

SECONDS = sized(60, 1800)
LOAD = 0.6  # of the knee
MOST_GROWTH = 0.05
# Within the first minute the runtime's arena still grows with each longer batch that it meets for the first time; the
# short form sees little else. It notices a leak of some kB per request all the same.
MOST_GROWTH_QUICK = 0.10
FIRST, LAST = slice(10, 20), slice(90, 100)
"""Percent of the run whose memory is compared; what comes before the first tenth is warming up."""


@contextmanager
def memory_watched(service: Service, every_s: float) -> Iterator[list[float]]:
    """Samples of the resident memory in 10⁶ bytes, appended as long as the context lasts."""
    samples: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every_s):
            samples.append(service.resident_mb)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def part(samples: Sequence[float], percent: slice) -> float:
    """The median of a part of the run."""
    return statistics.median(samples[len(samples) * percent.start // 100 : len(samples) * percent.stop // 100])


def test_a_steady_load_is_borne_without_a_failure(
    release: Path, texts: list[str], borne: Bearable, figures: Figures, seed: int
) -> None:
    print(f"seed {seed}")
    ledger: Counter[int] = Counter()
    with running(release) as service:
        load.run(service.url, texts, clients=2, duration_s=1.0)
        known = service.metric("seatrial_http_requests_total", route="/v1/predict", status="200")
        started = time.monotonic()
        with memory_watched(service, SECONDS / 200) as samples:
            result = load.run(
                service.url,
                texts,
                rate=LOAD * borne.knee,
                duration_s=SECONDS,
                seed=seed,
                on_answer=lambda answer: ledger.update({answer.request: 1}),
            )
        counted = service.metric("seatrial_http_requests_total", route="/v1/predict", status="200") - known
        said = service.said()
    first, last = part(samples, FIRST), part(samples, LAST)
    growth = last / first - 1
    print(f"{result.as_dict()}\nresident memory: {first:.1f} MB, then {last:.1f} MB ({100 * growth:+.2f} %)")
    failed = result.due - result.good
    figures.add("requests failed under 60 % of the knee", failed, "count", goal="<= 0", met=failed == 0, n=result.due)
    figures.add(
        "growth of resident memory under 60 % of the knee",
        100 * growth,
        "%",
        goal=f"<= {100 * MOST_GROWTH:g}",
        met=growth <= MOST_GROWTH,
        n=len(samples),
    )
    assert time.monotonic() - started >= SECONDS, "the load lasted as long as it should"
    assert set(ledger.values()) == {1}, "every request has one end"
    assert len(ledger) == result.due
    assert set(result.statuses) <= {200, 503}, f"{result.as_dict()}\n{said}"
    assert not result.errors, f"{result.as_dict()}\n{said}"
    assert counted == result.good, "the service counts what its clients received"
    timely(result.due > 0.8 * LOAD * borne.knee * SECONDS, f"the load was not there: {result.due} requests")
    timely(failed == 0, f"{failed} refused: {result.as_dict()}\n{said}")
    if SHARE >= 0.5:  # a shorter run is all warming up
        timely(growth <= (MOST_GROWTH if DEEP else MOST_GROWTH_QUICK), f"memory grew by {100 * growth:.1f} %")
