"""Texts that are the same but for case, width and spaces. Refuses to know: which of them stay (`keep`)."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["exact_clusters", "exact_parents", "normalized"]


def normalized(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, single spaces. Punctuation stays: `:)` is not `:(`."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def exact_clusters(texts: Sequence[str]) -> list[list[int]]:
    """Texts that are the same: clusters of two or more indices, ascending, ordered by their first."""
    groups: dict[bytes, list[int]] = {}
    for index, text in enumerate(texts):
        digest = hashlib.blake2b(normalized(text).encode(), digest_size=16).digest()
        groups.setdefault(digest, []).append(index)
    return [group for group in groups.values() if len(group) > 1]


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
