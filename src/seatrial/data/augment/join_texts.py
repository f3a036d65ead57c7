"""Two texts with the same label, one after the other: new mixtures for labels with few examples."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from seatrial.data.augment.base import Asked, Augmenter, AugmentMethod, Joined, Material
from seatrial.data.augment.words import is_unspaced

__all__ = ["JoinTexts"]


class JoinTexts(AugmentMethod):
    """Joins a text with another of its label; shares of raters become the mean.

    Not for texts that are nearly as long as the model reads.
    """

    max_characters: int = Field(default=500, ge=10, le=100_000)
    """No text is made that would be longer."""

    def ready(self, material: Material) -> Augmenter:
        """Partners come from the training texts with the same label."""

        def joined(asked: Sequence[Asked]) -> list[Joined | None]:
            return [self._joined(one, material.texts.get(one.label, ())) for one in asked]

        return joined

    def _joined(self, one: Asked, texts: Sequence[str]) -> Joined | None:
        for _ in range(5):  # a long text has few partners; looking through all of them would cost more than it gives
            other = one.random.choice(texts) if texts else one.text
            glue = "" if is_unspaced(one.text) else " "
            if other != one.text and len(one.text) + len(other) + len(glue) <= self.max_characters:
                return Joined(one.text + glue + other, other)
        return None
