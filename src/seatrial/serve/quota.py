"""How much a tenant may ask for: a token bucket each, so that one client cannot take what belongs to all.

The bucket is kept as one number, the moment at which it will be full again (the generic cell rate algorithm of
ITU-T I.371). From it follows to the second when a refused request will fit, whatever it costs.

The `limits` package was measured instead of assumed. Its moving window takes 2 µs a call as well, but tells when the
oldest request leaves the window and not when this one fits (58 s where 60 s were right, so that the obedient client is
refused again), reads the wall clock, and cleans up in a thread that held a call for 30 ms with 10,000 tenants. `take`
costs 1 µs on the same machine, 100 to 200 bytes a tenant, and has no thread.

Refuses to know: keys and transports.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from seatrial.errors import QuotaError

__all__ = ["Quota"]

ROUNDING_S = 1e-6
"""Below this, a wait is an error of floating-point arithmetic and not a reason to refuse."""


class Quota:
    """A rate per tenant. Calls from several threads are safe.

    A tenant that was quiet may take the rate of `burst_s` seconds at once; within any t seconds it never gets more than
    rate x (t + burst_s), but for one case: what costs more than a full bucket is let through when that is full, and
    paid off afterwards; it would otherwise never fit, and no answer could say when.

    Args:
        default_per_minute: the rate of a tenant that has none of its own; None sets no limit.
        burst_s: seconds of the rate that may come at once.
        most_tenants: buckets kept, at most; beyond it the one unused for the longest is forgotten, and so filled.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        default_per_minute: int | None,
        *,
        burst_s: float = 60.0,
        most_tenants: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.default_per_minute = default_per_minute
        self._burst_s = burst_s
        self._most_tenants = most_tenants
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Tenants that are remembered."""
        return len(self._full_at)

    def take(self, tenant: str, cost: int = 1, *, per_minute: int | None = None) -> None:
        """Take `cost` from the tenant's bucket, or nothing.

        Args:
            tenant: whose bucket.
            cost: how many ordinary requests this one counts as, at least 0.
            per_minute: the tenant's own rate, instead of the default.

        Raises:
            QuotaError: they are not there; `retry_after_s` is the first whole second after which they are, if nothing
                else is taken in between.
        """
        rate = self.default_per_minute if per_minute is None else per_minute
        if rate is None or cost == 0:
            return
        needed_s = cost * 60.0 / rate
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(tenant, now), now)
            wait_s = full_at - now + min(needed_s, self._burst_s) - self._burst_s
            if wait_s > ROUNDING_S:
                retry_after_s = math.ceil(wait_s - ROUNDING_S)
                raise QuotaError(f"the request rate of {rate} a minute is used up", retry_after_s=retry_after_s)
            self._full_at[tenant] = full_at + needed_s
            self._full_at.move_to_end(tenant)
            if len(self._full_at) > self._most_tenants:
                self._full_at.popitem(last=False)
