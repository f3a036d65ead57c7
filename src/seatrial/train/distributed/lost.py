"""A process that ended while others count on it → one message. What torch raises then differs by backend and place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seatrial.errors import LostProcessError
from seatrial.train.distributed.processes import Processes

__all__ = ["lost_explained"]

SIGNS = ("Connection closed by peer", "Connection reset by peer", "Broken pipe", "Timed out waiting", "gloo", "NCCL")
"""What the message holds when an exchange fails."""


@contextmanager
def lost_explained(processes: Processes) -> Iterator[None]:
    """Turns an exchange that failed within the block into one message.

    Raises:
        LostProcessError: another process is not there any more, or does not answer.
    """
    if not processes.several:
        yield
        return
    from torch.distributed import DistError

    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, DistError) and not any(sign in str(error) for sign in SIGNS):
            raise
        raise LostProcessError(
            "another process of this training ended or does not answer",
            hint="read what it said and run the same command again; training goes on from the last checkpoint",
        ) from error
