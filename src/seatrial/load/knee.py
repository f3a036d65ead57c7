"""The highest rate at which a service still keeps a latency: double until it fails, then halve the gap.

One busy moment of the machine must not decide. A rate has failed when it failed twice; after each such failure the best
rate so far is tried again, which tells a slower machine from a higher rate; the answer has met the bound twice more in
the end, and the rate above it has failed once more. Refuses to know: how a rate is measured.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from seatrial.load.result import LoadResult
from seatrial.progress import Progress, silent

__all__ = ["Knee", "Probe", "find_knee", "probe_seconds"]

MAX_FAILED_SHARE = 0.01
LOWEST_RATE = 0.5
MAX_SATURATED = 2
"""Failures in a row that may be the generator's before the search gives up."""
MAX_SECOND_THOUGHTS = 3
"""How often a rate that had failed is found to pass after all, and the search goes on above it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One rate, tried once.

    Attributes:
        rate: requests per second.
        met: whether the bound was met and fewer than 1 % of the requests got no good answer.
        p95_ms: of the good answers, from the moment a request should have left.
        failed_share: refusals, errors and timeouts.
        answers_per_s: good answers.
        saturated: why the generator may be the limit, or None.
    """

    rate: float
    met: bool
    p95_ms: float
    failed_share: float
    answers_per_s: float
    saturated: str | None


@dataclass(frozen=True, slots=True)
class Knee:
    """What the search found.

    Attributes:
        rate: the highest rate that met the bound and was confirmed, in requests per second; None if none was found.
        above: the lowest rate that failed; None if none did, and then `rate` is only what the service bears at least.
        p95_ms: the bound.
        why: what ended the search early, kept it from an answer or from higher rates; None when it came to its end.
        probes: every rate tried, in order.
    """

    rate: float | None
    above: float | None
    p95_ms: float
    why: str | None
    probes: tuple[Probe, ...]

    @property
    def kept(self) -> float | None:
        """The highest rate that met the bound at least once; what is left to say when the search ended early."""
        return max((probe.rate for probe in self.probes if probe.met), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return asdict(self)


def probe_seconds(rate: float) -> float:
    """How long to try a rate (requests per second): 3 s, longer where that would be fewer than 150 requests."""
    return max(3.0, min(15.0, 150 / rate))


class _SearchEndedError(Exception):
    """The search cannot go on; the text says why."""


class _GeneratorLimitError(_SearchEndedError):
    """The generator does not keep up with a rate; lower ones can still be tried."""


class _Search:
    """The probes so far and what is left to spend."""

    def __init__(
        self,
        measure: Callable[[float], Awaitable[LoadResult]],
        *,
        p95_ms: float,
        max_probes: int,
        max_seconds: float,
        progress: Progress,
    ) -> None:
        self._measure, self._p95_ms, self._max_probes, self._progress = measure, p95_ms, max_probes, progress
        self._end_s = time.monotonic() + max_seconds
        self._saturated = 0
        self.probes: list[Probe] = []
        self.passed: list[float] = []  # ascending
        self.failed = math.inf
        self.confirmed: float | None = None

    async def once(self, rate: float) -> bool:
        """Try a rate."""
        if len(self.probes) >= self._max_probes:
            raise _SearchEndedError(f"stopped after {self._max_probes} rates")
        if time.monotonic() >= self._end_s:
            raise _SearchEndedError("stopped: the time for the search is over")
        self._tell(trying=rate)
        result = await self._measure(rate)
        if result.stopped:
            raise _SearchEndedError("stopped")
        p95_ms = result.latency_ms(0.95)
        met = result.due > 0 and p95_ms <= self._p95_ms and result.failed_share < MAX_FAILED_SHARE
        probe = Probe(rate, met, p95_ms, result.failed_share, result.answers_per_s, result.saturated)
        self.probes.append(probe)
        self._tell()
        self._saturated = 0 if met or not probe.saturated else self._saturated + 1
        if self._saturated >= MAX_SATURATED:
            self._saturated = 0
            raise _GeneratorLimitError(f"{rate:.3g} requests/s cannot be measured here: {probe.saturated}")
        return met

    def _tell(self, *, trying: float | None = None) -> None:
        """A rate takes seconds: what is tried is told before, and what came out of the last."""
        figures = {} if trying is None else {"trying_per_s": trying}
        if self.probes:
            figures["last_p95_ms"] = self.probes[-1].p95_ms
        if self.passed:
            figures["kept_per_s"] = self.passed[-1]
        self._progress("rates tried", len(self.probes), None, figures)

    async def keeps(self, rate: float) -> bool:
        """Whether a rate meets the bound, in one of two tries; notes it as passed or failed."""
        if await self.once(rate) or await self.once(rate):
            self.passed.append(rate)
            return True
        self.failed = min(self.failed, rate)
        return False

    async def best_still_keeps(self) -> None:
        """Try the best rate again; take it back when it fails now."""
        while self.passed:
            best = self.passed.pop()
            if await self.keeps(best):
                return


async def find_knee(
    measure: Callable[[float], Awaitable[LoadResult]],
    *,
    p95_ms: float,
    start_rate: float = 25.0,
    max_rate: float = 20_000.0,
    resolution: float = 0.05,
    max_probes: int = 40,
    max_seconds: float = 600.0,
    progress: Progress = silent,
) -> Knee:
    """Search the highest rate whose 95th percentile is at most `p95_ms` with fewer than 1 % of the requests failed.

    Args:
        measure: runs an open loop at a rate (requests per second).
        p95_ms: the bound, in milliseconds.
        start_rate: first rate.
        max_rate: no higher rate is tried.
        resolution: the search ends when the lowest failed rate is at most this share above the best.
        max_probes: rates tried, at most.
        max_seconds: no rate is tried after this time.
        progress: told before and after every rate.

    Returns:
        the knee; its rate is None when no rate kept the bound. Where the generator is the limit, it is the highest rate
        that could be measured and confirmed, and `why` says so.
    """
    search = _Search(measure, p95_ms=p95_ms, max_probes=max_probes, max_seconds=max_seconds, progress=progress)
    rate, factor, why = min(start_rate, max_rate), 2.0, None
    limit: str | None = None
    try:
        try:
            for _ in range(1 + MAX_SECOND_THOUGHTS):
                await _bracket(search, rate, factor, max_rate)
                await _narrow(search, resolution)
                await _confirm(search, resolution)
                if search.confirmed is None or math.isinf(search.failed) or not await search.once(search.failed):
                    break
                rate, search.failed = search.failed, math.inf  # it had failed in a busy moment
                search.passed.append(rate)
                rate, factor = min(rate * (1 + resolution), max_rate), 1 + 2 * resolution
        except _GeneratorLimitError as limited:
            limit = why = str(limited)
            await _confirm(search, resolution)
    except _SearchEndedError as ended:
        why = str(ended)
    if search.confirmed is not None:
        why = limit or (f"no rate up to {max_rate:g} requests/s failed" if math.isinf(search.failed) else None)
    elif why is None:
        why = "no rate kept the bound"
    above = None if math.isinf(search.failed) else search.failed
    return Knee(search.confirmed, above, p95_ms, why, tuple(search.probes))


async def _bracket(search: _Search, rate: float, factor: float, max_rate: float) -> None:
    """Go up by a factor, and ever faster, until a rate fails; halve until one passes."""
    while await search.keeps(rate):
        if rate >= max_rate:
            return
        rate, factor = min(factor * rate, max_rate), min(2.0, factor * factor)
    while not search.passed and rate > LOWEST_RATE:
        rate /= 2
        await search.keeps(rate)


async def _narrow(search: _Search, resolution: float) -> None:
    """Halve the gap between the best rate and the lowest that failed, on a logarithmic scale."""
    while search.passed and search.failed > search.passed[-1] * (1 + resolution) and not math.isinf(search.failed):
        if not await search.keeps(math.sqrt(search.passed[-1] * search.failed)):
            await search.best_still_keeps()


async def _confirm(search: _Search, resolution: float) -> None:
    """The best rate that meets the bound in two of three more tries; it steps down until there is one."""
    rate = search.passed[-1] if search.passed else 0.0
    while rate > LOWEST_RATE:
        met = await search.once(rate)
        second = await search.once(rate)
        if (met and second) or (met != second and await search.once(rate)):
            search.confirmed = max(rate, search.confirmed or 0.0)
            return
        search.failed = min(search.failed, rate)
        rate /= 1 + resolution
