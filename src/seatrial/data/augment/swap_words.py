"""Two words change places. Source: Wei and Zou 2019, "EDA", §2 (random swap)."""

from __future__ import annotations

from random import Random

from pydantic import Field

from seatrial.data.augment.base import AugmentMethod
from seatrial.data.augment.words import KEPT_WORDS, replaced, word_spans

__all__ = ["SwapWords"]


class SwapWords(AugmentMethod):
    """Words of a text change places; what stands between them stays."""

    rate: float = Field(default=0.1, gt=0, le=1)
    """Swaps as a share of the words; at least one."""
    keep: list[str] = Field(default_factory=lambda: list(KEPT_WORDS))
    """Words that stay where they are; by default those that negate."""

    def one(self, text: str, random: Random) -> str | None:
        """None for a text with fewer than two words that may move."""
        spans = word_spans(text, self.keep)
        if len(spans) < 2:
            return None
        words = [text[start:end] for start, end in spans]
        for _ in range(max(1, round(self.rate * len(words)))):
            first, second = random.sample(range(len(words)), 2)
            words[first], words[second] = words[second], words[first]
        return replaced(text, zip(spans, words, strict=True))
