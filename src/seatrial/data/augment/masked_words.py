"""Words are hidden and filled in again by the project's encoder, which sees the rest of the text.

Source: Kobayashi 2018, "Contextual Augmentation" (there with a model that also knows the label; this one does not, so
it can write "bad" where "good" was).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from seatrial.data.augment.base import Asked, Augmenter, AugmentMethod, Material
from seatrial.data.augment.words import KEPT_WORDS, chosen, replaced, word_spans

__all__ = ["MaskedWords"]


class MaskedWords(AugmentMethod):
    """Hides some words of a text and takes others that the encoder finds probable there."""

    needs_encoder: ClassVar[bool] = True

    rate: float = Field(default=0.15, gt=0, le=0.5)
    """Words to hide, as a share of all; at least one."""
    among: int = Field(default=10, ge=1, le=100)
    """Choose among so many of the most probable words, by their probability."""
    head_steps: int = Field(default=0, ge=0, le=100_000)
    """For an encoder whose checkpoint has no head for this, as those for sentence embeddings: train one on the training
    texts, so many batches of 32. It stays far behind a head that came with the encoder."""
    keep: list[str] = Field(default_factory=lambda: list(KEPT_WORDS))
    """Words that are never hidden; by default those that negate."""

    def ready(self, material: Material) -> Augmenter:
        """All texts are given to the encoder at once, which batches them."""

        def filled(asked: Sequence[Asked]) -> list[str | None]:
            gaps = [_some(word_spans(one.text, self.keep), self.rate, one) for one in asked]
            found = material.words().fill([one.text for one in asked], gaps, self.among + 1, self.head_steps)
            return [self._filled(*each) for each in zip(asked, gaps, found, strict=True)]

        return filled

    def _filled(
        self, one: Asked, gaps: Sequence[tuple[int, int]], found: Sequence[Sequence[tuple[str, float]]]
    ) -> str | None:
        changes = []
        for gap, words in zip(gaps, found, strict=True):
            old = one.text[slice(*gap)]
            others = [(word, share) for word, share in words if word.lower() != old.lower()][: self.among]
            if others:
                new = one.random.choices([word for word, _ in others], [share for _, share in others])[0]
                changes.append((gap, new[:1].upper() + new[1:] if old[:1].isupper() else new))
        return replaced(one.text, changes) if changes else None


def _some(spans: Sequence[tuple[int, int]], rate: float, one: Asked) -> list[tuple[int, int]]:
    return chosen(spans, rate, one.random) if spans else []
