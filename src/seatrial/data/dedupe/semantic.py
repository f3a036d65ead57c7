"""Clusters of texts that mean the like, by the cosine of their vectors: every pair is compared, block by block.

The search is exact, so its time grows with the square of the texts; its memory does not. Refuses to know: which model
made the vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.dedupe.unions import clusters_of, roots_of, unite
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cosine", "semantic_clusters", "semantic_parents"]

BLOCK_ROWS = 512
BLOCK_COLUMNS = 4096
"""Together 8 MB of similarities at a time."""


def semantic_clusters(vectors: NDArray[np.float32], threshold: float, progress: Progress = silent) -> list[list[int]]:
    """Texts that are like each other, directly or through others.

    Args:
        vectors: [n, dimensions], of any length; one of length 0 is like no other.
        threshold: cosine from which two texts are copies, 0 < threshold ≤ 1.
        progress: hears the texts compared with all others.

    Returns:
        Clusters of two or more indices, ascending, ordered by their first.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return clusters_of(semantic_parents(vectors / np.maximum(lengths, 1e-12), threshold, progress))


def semantic_parents(vectors: NDArray[np.float32], threshold: float, progress: Progress = silent) -> NDArray[np.int64]:
    """The same as parents of a union-find (see `unions`).

    Args:
        vectors: [n, dimensions], each of length 1 or 0; may lie in a file.
        threshold: cosine; a hair below it counts, as rounding may cost that much.
        progress: hears the texts compared with all others.
    """
    count = len(vectors)
    least = threshold - 1e-6
    parents = np.arange(count, dtype=np.int64)
    for start in range(0, count, BLOCK_ROWS):
        progress("semantic copies", start, count)
        rows = vectors[start : start + BLOCK_ROWS]
        for first in range(start, count, BLOCK_COLUMNS):
            alike = rows @ vectors[first : first + BLOCK_COLUMNS].T >= least
            left, right = (found.astype(np.int64) for found in np.nonzero(alike))
            left, right = left + start, right + first
            new = (left < right) & (roots_of(parents, left) != roots_of(parents, right))
            unite(parents, left[new], right[new])
    progress("semantic copies", count, count)
    return parents


def cosine(vectors: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """The cosine of `left[i]` and `right[i]`, for every i; the vectors have length 1."""
    result = np.empty(len(left))
    for start in range(0, len(left), BLOCK_COLUMNS):
        part = slice(start, start + BLOCK_COLUMNS)
        result[part] = np.einsum("nd,nd->n", vectors[left[part]], vectors[right[part]])
    return result
