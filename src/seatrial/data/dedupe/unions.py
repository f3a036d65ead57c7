"""Pairs → clusters: a union-find over arrays, so that a million texts are joined without a loop in Python.

A cluster is known by its smallest index, whatever the order of the pairs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["clusters_of", "groups", "roots_of", "unite"]


def roots_of(parents: NDArray[np.int64], indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cluster of each index; paths are shortened on the way."""
    roots = parents[indices]
    while True:
        above = parents[roots]
        if np.array_equal(above, roots):
            parents[indices] = roots
            return roots
        roots = above


def unite(parents: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
    """Join the clusters of `left[i]` and `right[i]`, for every i."""
    while len(left):
        left, right = roots_of(parents, left), roots_of(parents, right)
        apart = left != right
        left, right = left[apart], right[apart]
        # Of several pairs that move one root, the smallest wins; the others are looked at again.
        np.minimum.at(parents, np.maximum(left, right), np.minimum(left, right))


def clusters_of(parents: NDArray[np.int64]) -> list[list[int]]:
    """Clusters of two or more indices, ascending, ordered by their first."""
    roots = roots_of(parents, np.arange(len(parents)))
    order = np.argsort(roots, kind="stable")
    bounds = groups(roots[order])
    return [order[start:stop].tolist() for start, stop in pairwise(bounds) if stop - start > 1]


def groups(ordered: NDArray[np.generic]) -> NDArray[np.int64]:
    """Where runs of equal values begin in an array in which equals stand together, and its length as the last."""
    if not len(ordered):
        return np.zeros(1, np.int64)
    edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.concatenate(([0], edges, [len(ordered)])).astype(np.int64)
