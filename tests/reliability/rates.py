"""How much a service can bear on this machine, which decides what a steady load and an overload are.

Refuses to know: how the service is run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial import load
from seatrial.load.event_loop import in_event_loop

from .figures import DEEP

__all__ = ["CONTRACT_P95_MS", "Bearable", "bearable"]

CONTRACT_P95_MS = 50.0
CLIENTS = 32


@dataclass(frozen=True)
class Bearable:
    """What a service can bear here.

    Attributes:
        knee: highest rate that keeps the contract's p95, in requests per second.
        throughput: answers per second to clients that wait for each answer.
    """

    knee: float
    throughput: float

    @property
    def overloaded_from(self) -> float:
        """The knee; where a busy machine hid it, not less than half of the throughput.

        Else four times of it could be no overload as soon as the machine is quiet again.
        """
        return max(self.knee, self.throughput / 2)


def bearable(url: str, texts: Sequence[str], *, seed: int) -> Bearable:
    """Find out: a coarse search, as a multiple and a share are taken of it.

    Where the machine is so busy that no rate keeps the contract, the knee is a third of the throughput.
    """
    probe_s, limit_s, resolution = (4.0, 300.0, 0.1) if DEEP else (2.0, 30.0, 0.3)

    async def search(stop: asyncio.Event) -> load.Knee:
        async def measure(rate: float) -> load.LoadResult:
            return await load.open_loop(url, texts, rate=rate, duration_s=probe_s, seed=seed, stop=stop)

        return await load.find_knee(
            measure, p95_ms=CONTRACT_P95_MS, start_rate=100.0, resolution=resolution, max_seconds=limit_s
        )

    closed = load.run(url, texts, clients=CLIENTS, duration_s=2.0)
    assert closed.good > 0, f"the service answers nobody: {closed.as_dict()}"
    found = in_event_loop(search)
    met = [probe.rate for probe in found.probes if probe.met]
    knee = found.rate or max(met, default=closed.answers_per_s / 3)
    source = "found" if found.rate else "tried once" if met else "no rate kept the contract: a third of the throughput"
    print(
        f"knee: {knee:.0f} requests/s ({source}, {len(found.probes)} probes, {found.why or 'searched to its end'}); "
        f"throughput with {CLIENTS} clients: {closed.answers_per_s:.0f}/s"
    )
    return Bearable(knee, closed.answers_per_s)
