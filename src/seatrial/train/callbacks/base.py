"""What a callback promises."""

from __future__ import annotations

from typing import Protocol

from seatrial.train.events import Event

__all__ = ["Callback"]


class Callback(Protocol):
    """Hears every record of a run. It must not touch the model or draw random numbers."""

    def __call__(self, event: Event) -> None:
        """One step or one validation has just ended."""

    def close(self) -> None:
        """The run has ended, well or not; called once."""
