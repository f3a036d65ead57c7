"""Texts that are the same but for case, width and spaces, and which of them to keep.

Copies often carry different labels. The majority decides; where there is none, no copy can be trusted and none is kept.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Copies", "exact_copies", "exact_parents", "normalized"]


@dataclass(frozen=True, slots=True)
class Copies:
    """What to leave out, as indices in ascending order.

    Attributes:
        same: copies of a text that is kept under the same label.
        outvoted: copies under another label than most copies of that text.
        undecided: all copies of a text for which no label has more than half of them.
    """

    same: tuple[int, ...]
    outvoted: tuple[int, ...]
    undecided: tuple[int, ...]


def normalized(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, single spaces. Punctuation stays: `:)` is not `:(`."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def exact_copies(texts: Sequence[str], labels: Sequence[str], ranks: Sequence[int] | None = None) -> Copies:
    """Find the copies that should go.

    Args:
        texts: one per example.
        labels: the label of each.
        ranks: of each example; of copies with the winning label the one with the lowest rank is kept, then the first.
    """
    groups: dict[bytes, list[int]] = {}
    for index, text in enumerate(texts):
        digest = hashlib.blake2b(normalized(text).encode(), digest_size=16).digest()
        groups.setdefault(digest, []).append(index)
    same: list[int] = []
    outvoted: list[int] = []
    undecided: list[int] = []
    for group in groups.values():
        if len(group) == 1:
            continue
        (label, votes), *_ = Counter(labels[index] for index in group).most_common(1)
        if 2 * votes <= len(group):
            undecided += group
            continue
        winners = [index for index in group if labels[index] == label]
        kept = min(winners, key=lambda index: (ranks[index] if ranks else 0, index))
        same += [index for index in winners if index != kept]
        outvoted += [index for index in group if labels[index] != label]
    return Copies(tuple(sorted(same)), tuple(sorted(outvoted)), tuple(sorted(undecided)))


def exact_parents(digests: NDArray[np.uint64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Texts with the same digest as parents of a union-find (see `unions`).

    Args:
        digests: [n_texts, 2], see `sketch`.
        among: indices of the texts to compare, ascending.
    """
    parents = np.arange(len(digests), dtype=np.int64)
    order = among[np.lexsort((digests[among, 1], digests[among, 0]))]  # stable: of equals, the first text comes first
    ordered = digests[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.flatnonzero(begins)
    parents[order] = order[np.repeat(first, np.diff(first, append=len(order)))]
    return parents
