"""Whether the network may be used. The environment is asked at each call, never at import."""

from __future__ import annotations

import os

from seatrial.errors import OfflineError

__all__ = ["forbidding_switch", "refuse_offline"]

SWITCHES = ("SEATRIAL_OFFLINE", "HF_HUB_OFFLINE")
TRUE = {"1", "true", "yes", "on"}


def forbidding_switch() -> str | None:
    """The environment variable that forbids the network: set to 1, true, yes or on; None if the network is allowed."""
    return next((name for name in SWITCHES if os.environ.get(name, "").strip().lower() in TRUE), None)


def refuse_offline(what: str, *, where: str, hint: str) -> None:
    """Stop before anything is fetched while the network is forbidden.

    Args:
        what: what would be fetched.
        where: dotted path in the project file.
        hint: how to go on without the network.

    Raises:
        OfflineError: `forbidding_switch` names one.
    """
    switch = forbidding_switch()
    if switch:
        raise OfflineError(f"{what} would have to be fetched, and {switch} forbids it", where=where, hint=hint)
