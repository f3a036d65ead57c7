"""Words are left out. Source: Wei and Zou 2019, "EDA", §2 (random deletion)."""

from __future__ import annotations

from random import Random

from pydantic import Field

from seatrial.data.augment.base import AugmentMethod
from seatrial.data.augment.words import KEPT_WORDS, chosen, replaced, word_spans

__all__ = ["DeleteWords"]

FEWEST_WORDS = 3


class DeleteWords(AugmentMethod):
    """Some words of a text are left out, each with the space before it."""

    rate: float = Field(default=0.1, gt=0, le=0.5)
    """Words to leave out, as a share of all; at least one."""
    keep: list[str] = Field(default_factory=lambda: list(KEPT_WORDS))
    """Words that stay; by default those that negate."""

    def one(self, text: str, random: Random) -> str | None:
        """None for a text with fewer than three words that may go."""
        spans = word_spans(text, self.keep)
        if len(spans) < FEWEST_WORDS:
            return None
        gone = chosen(spans, self.rate, random)
        wider = [(start - 1 if text[start - 1 : start] == " " else start, end) for start, end in gone]
        return replaced(text, [(span, "") for span in wider]).strip() or None
