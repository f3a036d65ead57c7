"""What a cleaning step promises. Refuses to know labels, rows and files: a step sees one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Cleaner", "Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text shall be dropped. Equal reasons are counted together, so `reason` holds nothing of the text."""

    reason: str


class Cleaner(Protocol):
    """A cleaning step: a pure function, so that one text is always cleaned alike, alone or among others."""

    def __call__(self, text: str) -> str | Refusal:
        """The cleaned text, or why it must be dropped."""
