"""What every protocol knows of a request beside its inputs: who calls, until when, and under which number.

Refuses to know: protocols.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from seatrial.serve.access import Caller

__all__ = ["Call", "new_request_id", "usable_request_id"]

USABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def new_request_id() -> str:
    """A number for a request that brought none: 16 hexadecimal digits, no secret.

    The system's own random numbers cost a call of the kernel, on some virtual machines 70 µs and more: a third of what
    it takes to refuse a request.
    """
    return f"{random.getrandbits(64):016x}"  # seeded by the system, anew after a fork


def usable_request_id(offered: str | None) -> str | None:
    """The client's own number for its request if it may stand in headers and in the log, otherwise None."""
    return offered if offered is not None and USABLE_ID.fullmatch(offered) else None


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        caller: who it is; their tenant separates caches and quotas.
        deadline: on `time.monotonic`'s clock; work that has not begun by then is not done.
        request_id: in the answer and in the log, so that both can be found together.
        protocol: by which door it came, one of a fixed few; a label of metrics.
    """

    caller: Caller
    deadline: float
    request_id: str
    protocol: str
