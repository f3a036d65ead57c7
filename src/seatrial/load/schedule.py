"""When the requests of an open loop leave. Refuses to know: who sends them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Literal

__all__ = ["Arrivals", "departures"]

Arrivals = Literal["poisson", "constant"]


def departures(rate: float, duration_s: float, *, arrivals: Arrivals = "poisson", seed: int = 0) -> Iterator[float]:
    """Seconds after the start, ascending and below `duration_s`.

    Args:
        rate: requests per second, above 0.
        duration_s: length of the schedule in seconds.
        arrivals: ``"poisson"`` as independent clients send (the gaps are exponential), ``"constant"`` with equal gaps.
        seed: of the gaps; the same seed gives the same schedule.
    """
    if arrivals == "constant":
        number = 0
        while (moment := number / rate) < duration_s:
            yield moment
            number += 1
        return
    random = Random(seed)  # noqa: S311  # a schedule holds no secret
    moment = random.expovariate(rate)
    while moment < duration_s:
        yield moment
        moment += random.expovariate(rate)
