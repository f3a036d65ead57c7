"""Units with counts → the substrings that occur often, as candidates for pieces. Refuses to know: probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["frequent_substrings"]


def frequent_substrings(
    units: Sequence[str], counts: NDArray[np.int64], *, longest: int, min_frequency: int, most: int
) -> list[tuple[str, int]]:
    """Substrings of two characters or more with how often they occur, those that cover most characters first.

    A string cannot be more frequent than what it begins with, so each length is looked for only where the length below
    was frequent.

    Args:
        units: n strings; nothing is looked for across them.
        counts: [n] how often each occurs.
        longest: characters of a substring at most.
        min_frequency: occurrences of a substring at least.
        most: substrings at most.
    """
    text = np.frombuffer("".join(units).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)  # [characters]
    lengths = np.fromiter(map(len, units), np.int64, count=len(units))
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))  # characters from here to the unit's end
    weights = np.repeat(counts, lengths)
    characters, codes = np.unique(text, return_inverse=True)
    start = np.arange(len(text))
    prefix = codes
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], int]] = []
    for length in range(2, longest + 1):
        fits = left[start] >= length
        start, prefix = start[fits], prefix[fits]
        if not len(start):
            break
        keys = prefix * len(characters) + codes[start + length - 1]
        _, first, number = np.unique(keys, return_index=True, return_inverse=True)
        occurrences = np.bincount(number, weights=weights[start], minlength=len(first)).astype(np.int64)
        frequent = occurrences >= min_frequency
        found.append((start[first[frequent]], occurrences[frequent], length))
        kept = frequent[number]
        start, prefix = start[kept], (np.cumsum(frequent) - 1)[number[kept]]
    return _most(found, "".join(units), most)


def _most(
    found: Sequence[tuple[NDArray[np.int64], NDArray[np.int64], int]], text: str, most: int
) -> list[tuple[str, int]]:
    """Those with the highest product of occurrences and length; among equals the shorter, then as `np.unique` sorts."""
    if not found:
        return []
    starts = np.concatenate([start for start, _, _ in found])
    occurrences = np.concatenate([count for _, count, _ in found])
    lengths = np.concatenate([np.full(len(start), length) for start, _, length in found])
    order = np.argsort(-occurrences * lengths, kind="stable")[:most]
    return [(text[starts[i] : starts[i] + lengths[i]], int(occurrences[i])) for i in order.tolist()]
