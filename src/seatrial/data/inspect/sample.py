"""A random sample of what passes by, of a fixed size, the same for the same seed.

Source: Vitter 1985, "Random Sampling with a Reservoir", algorithm R.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from seatrial.data.inspect.items import Item

__all__ = ["MAX_CHARS", "Sample"]

MAX_CHARS = 4000
"""Of a longer text the sample holds the beginning, so that its memory is bounded."""


class Sample:
    """Items that are kept with equal chances.

    Args:
        size: how many at most.
        seed: of the choice.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._random = Random(seed)  # noqa: S311 - a choice, not a secret
        self._items: list[tuple[int, Item]] = []
        self.seen = 0
        """How many have passed by."""

    def add(self, item: Item) -> None:
        """Let one pass by."""
        place = self.seen if self.seen < self._size else self._random.randrange(self.seen + 1)
        self.seen += 1
        if place >= self._size:
            return
        kept = (self.seen, item if len(item.text) <= MAX_CHARS else replace(item, text=item.text[:MAX_CHARS]))
        if place == len(self._items):
            self._items.append(kept)
        else:
            self._items[place] = kept

    def items(self) -> list[Item]:
        """The sample in the order in which it passed by."""
        return [item for _, item in sorted(self._items, key=lambda kept: kept[0])]
