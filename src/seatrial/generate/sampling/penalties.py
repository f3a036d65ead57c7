"""Penalties on what has been said: repetition (CTRL, arXiv 1909.05858 §4.1), presence and frequency.

Repetition counts the prompt too, the other two the answer alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Penalties"]


class Penalties:
    """Those of one sequence, which it hears token by token.

    Args:
        prompt: its token ids.
        repetition, presence, frequency: see `SamplingSettings`.
    """

    def __init__(self, prompt: Iterable[int], *, repetition: float, presence: float, frequency: float) -> None:
        self._repetition, self._presence, self._frequency = repetition, presence, frequency
        self._seen = set(prompt)
        self._said: Counter[int] = Counter()

    @property
    def change_nothing(self) -> bool:
        """Whether all are off."""
        return self._repetition == 1 and self._presence == 0 and self._frequency == 0

    def hear(self, token_id: int) -> None:
        """Take a chosen token into account."""
        self._seen.add(token_id)
        self._said[token_id] += 1

    def apply(self, logits: NDArray[np.float32]) -> None:
        """Change logits [V] in place."""
        if self._repetition != 1:
            seen = np.fromiter(self._seen, dtype=np.int64, count=len(self._seen))
            values = logits[seen]
            logits[seen] = np.where(values > 0, values / self._repetition, values * self._repetition)
        if self._said and (self._presence or self._frequency):
            said = np.fromiter(self._said, dtype=np.int64, count=len(self._said))
            times = np.fromiter(self._said.values(), dtype=np.float32, count=len(self._said))
            logits[said] -= np.float32(self._presence) + np.float32(self._frequency) * times
