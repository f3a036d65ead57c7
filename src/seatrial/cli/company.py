"""The other processes of a run that torchrun or accelerate started: met before the first stage, let go at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seatrial.train.distributed.processes import launched

if TYPE_CHECKING:
    from seatrial.train.distributed.meeting import Meeting

__all__ = ["company"]


@contextmanager
def company() -> Iterator[Meeting | None]:
    """Where the processes meet, within the block; None: there is only this one.

    However the first one's block ends, those that were not called to train are let go, and end with code 0; the
    launcher reports the code of the first.
    """
    processes = launched()
    if not processes.several:
        yield None
        return
    from seatrial.train.distributed.meeting import Meeting

    meeting = Meeting(processes)
    try:
        yield meeting
    finally:
        if processes.first:
            meeting.dismiss()
