"""Clusters of near copies: candidates by MinHash, each verified by its true Jaccard similarity."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.dedupe.minhash import buckets, rows_per_band, signatures
from seatrial.data.dedupe.shingles import shingles

__all__ = ["near_clusters"]


def near_clusters(texts: Sequence[str], threshold: float) -> list[list[int]]:
    """Texts that are near copies of each other, directly or through others.

    Args:
        texts: one per example.
        threshold: Jaccard similarity of the shingle sets from which two texts are near copies, 0 < threshold ≤ 1.

    Returns:
        Clusters of two or more indices, ascending, ordered by their first. No text is in two clusters. A pair at the
        threshold is missed with a probability below 1 %, a closer one more rarely still.
    """
    if not texts:
        return []
    parents = list(range(len(texts)))
    first_with: dict[bytes, int] = {}
    sets = [shingles(text) for text in texts]
    for index, items in enumerate(sets):  # equal sets need no search, and would make buckets large
        _unite(parents, index, first_with.setdefault(items.tobytes(), index))
    distinct = sorted(first_with.values())
    found: dict[int, frozenset[int]] = {}  # only sets that share a bucket are ever needed as Python sets

    def members(index: int) -> frozenset[int]:
        if index not in found:
            found[index] = frozenset(sets[index].tolist())
        return found[index]

    for bucket in buckets(signatures([sets[index] for index in distinct]), rows_per_band(threshold)):
        indices = [distinct[position] for position in bucket]
        for place, left in enumerate(indices):
            for right in indices[place + 1 :]:
                if _root(parents, left) != _root(parents, right) and _similar(members(left), members(right), threshold):
                    _unite(parents, left, right)
    clusters: dict[int, list[int]] = {}
    for index in range(len(texts)):
        clusters.setdefault(_root(parents, index), []).append(index)
    return [cluster for cluster in clusters.values() if len(cluster) > 1]


def _similar(left: frozenset[int], right: frozenset[int], threshold: float) -> bool:
    if min(len(left), len(right)) < threshold * max(len(left), len(right)):
        return False
    shared = len(left & right)
    return shared >= threshold * (len(left) + len(right) - shared)


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]  # halves the path, so that later searches are short
        index = parents[index]
    return index


def _unite(parents: list[int], left: int, right: int) -> None:
    left, right = _root(parents, left), _root(parents, right)
    parents[max(left, right)] = min(left, right)
