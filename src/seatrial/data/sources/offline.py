"""Whether the network may be used. The environment is asked at each call, never at import."""

from __future__ import annotations

import os

from seatrial.errors import OfflineError

__all__ = ["refuse_offline"]

SWITCHES = ("SEATRIAL_OFFLINE", "HF_HUB_OFFLINE")
TRUE = {"1", "true", "yes", "on"}


def refuse_offline(what: str, *, where: str, hint: str) -> None:
    """Stop before anything is fetched while the network is forbidden.

    Args:
        what: what would be fetched.
        where: dotted path in the project file.
        hint: how to go on without the network.

    Raises:
        OfflineError: SEATRIAL_OFFLINE or HF_HUB_OFFLINE is 1, true, yes or on.
    """
    for switch in SWITCHES:
        if os.environ.get(switch, "").strip().lower() in TRUE:
            raise OfflineError(f"{what} would have to be fetched, and {switch} forbids it", where=where, hint=hint)
