"""The same text once more: oversampling, and the control that tells new texts from more steps of training."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from seatrial.data.augment.base import AugmentMethod

__all__ = ["Repeat"]


class Repeat(AugmentMethod):
    """Takes examples again as they are; with `balance`, those of rare labels."""

    copies: ClassVar[bool] = True

    def one(self, text: str, random: Random) -> str | None:
        """The text."""
        return text
