"""A missing or empty text gets one that stands for it, where the row is worth keeping."""

from __future__ import annotations

from pydantic import Field

from seatrial.data.clean.base import CleanStep

__all__ = ["FillEmpty"]


class FillEmpty(CleanStep):
    """Writes something where nothing stands. `drop-empty` is the other choice; without either it stays empty."""

    value: str = Field(min_length=1)
    """What is written, such as `[no text]`."""

    def __call__(self, text: str) -> str:
        """The text, or the value in place of an empty one."""
        return text if text.strip() else self.value
