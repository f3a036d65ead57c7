"""Several people's answers about the same items: who said what about which item, with gaps wherever nobody was asked.

Kept as triples, so that a thousand raters who saw ten items each cost no more memory than their answers. Refuses to
know: texts, files, and which answer is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import DataError, SpecError

__all__ = ["Ratings", "Scale", "Vote", "as_number", "ratings_of"]

Scale = Literal["nominal", "ordinal", "interval"]
Vote = tuple[str, str, str]
"""Item, rater, level."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Items × raters with gaps. The three arrays have one entry per rating and are ordered by item.

    Attributes:
        items: the items' names, in the order they were first seen.
        raters: the raters' names.
        levels: what a rating can be, in order.
        item: position in `items`, [m].
        rater: position in `raters`, [m].
        level: position in `levels`, [m].
    """

    items: tuple[str, ...]
    raters: tuple[str, ...]
    levels: tuple[str, ...]
    item: NDArray[np.intp]
    rater: NDArray[np.intp]
    level: NDArray[np.intp]

    def counts(self) -> NDArray[np.float64]:
        """How many raters gave each item each level, [items, levels]."""
        n, k = len(self.items), len(self.levels)
        return np.bincount(self.item * k + self.level, minlength=n * k).reshape(n, k).astype(np.float64)

    def numbers(self) -> NDArray[np.float64]:
        """The levels as numbers, [levels].

        Raises:
            SpecError: a level is not a number.
        """
        found = [as_number(level) for level in self.levels]
        for level, number in zip(self.levels, found, strict=True):
            if number is None:
                raise SpecError(
                    f"the rating {level!r} is no number",
                    where="ratings",
                    expected="numbers only, on an interval scale",
                    hint="use the scale nominal, or ordinal with the labels in order",
                )
        return np.array(found, dtype=np.float64)


def ratings_of(votes: Iterable[Vote], *, levels: Sequence[str] = (), items: Sequence[str] = ()) -> Ratings:
    """Gather single votes.

    Args:
        votes: item, rater and level of each rating, in any order.
        levels: what a rating can be, in order; empty to take what occurs, by number where all are numbers.
        items: items to list first, rated or not; empty to list those that were rated.

    Raises:
        DataError: nobody rated anything, a rater rated an item twice, or a level is not among `levels`.
    """
    item_at = {name: place for place, name in enumerate(items)}
    rater_at: dict[str, int] = {}
    level_at = {name: place for place, name in enumerate(levels)}
    seen: set[tuple[int, int]] = set()
    triples: list[tuple[int, int, int]] = []
    for item, rater, level in votes:
        if levels and level not in level_at:
            raise DataError(
                f"the rating {level!r} of {item!r} by {rater!r} is not declared",
                where="ratings",
                expected=f"one of {', '.join(levels)}",
                hint="add it to the labels, or correct it",
            )
        i = item_at.setdefault(item, len(item_at))
        r = rater_at.setdefault(rater, len(rater_at))
        if (i, r) in seen:
            raise DataError(
                f"{rater!r} rated {item!r} twice",
                where="ratings",
                expected="at most one rating per item and rater",
                hint="keep the last one, or give the second pass a rater's name of its own",
            )
        seen.add((i, r))
        triples.append((i, r, level_at.setdefault(level, len(level_at))))
    if not triples:
        raise DataError("nobody rated anything", where="ratings", hint="check the names of the columns")
    names = tuple(level_at)
    ordered = names if levels else tuple(sorted(names, key=_in_order(names)))
    moved = np.array([ordered.index(name) for name in names], dtype=np.intp)
    table = np.array(triples, dtype=np.intp)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return Ratings(tuple(item_at), tuple(rater_at), ordered, table[:, 0], table[:, 1], moved[table[:, 2]])


def as_number(level: str) -> float | None:
    """The finite number that a level stands for, or None."""
    try:
        number = float(level)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class _in_order:  # noqa: N801 - a key function with a state
    """By number where all are numbers, else by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._numeric = all(as_number(name) is not None for name in names)

    def __call__(self, name: str) -> tuple[float, str]:
        return ((as_number(name) or 0.0) if self._numeric else 0.0, name)
