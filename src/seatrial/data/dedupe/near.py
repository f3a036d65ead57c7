"""Clusters of near copies: candidates by MinHash bands, each verified by its true Jaccard similarity.

Works on arrays throughout: the pairs of a whole band are compared at once. Refuses to know: texts, files, labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.minhash import band_keys, rows_per_band, signatures
from seatrial.data.dedupe.shingles import Shingles, mixed, shingle_sets
from seatrial.data.dedupe.unions import clusters_of, groups, roots_of, unite
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["jaccard", "near_clusters", "near_parents"]

CHUNK_SHINGLES = 1 << 19
"""Shingles of the pairs that are compared at a time: about 20 MB."""
CHUNK_TEXTS = 1 << 14
MIN_NEIGHBOURS = 32
BAND_PAIRS = 500_000
"""In a band, about so many pairs are compared at most, but `MIN_NEIGHBOURS` per text. In a bucket too large for all its
pairs, a text is compared with those that also agree in the next band, or nearly. Without a bound, a phrase that all
texts share would make the search quadratic; near copies beyond the phrase also meet in smaller buckets."""


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
    sets = shingle_sets([normalized(text) for text in texts])
    keys = band_keys(signatures(sets), rows_per_band(threshold))
    return clusters_of(near_parents(sets, keys, threshold))


def near_parents(
    sets: Shingles,
    keys: NDArray[np.uint32],
    threshold: float,
    *,
    among: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> NDArray[np.int64]:
    """The same as parents of a union-find (see `unions`), for sketches that were made elsewhere.

    Args:
        sets: the shingles of each text.
        keys: [n_texts, bands] of their signatures.
        threshold: Jaccard similarity.
        among: indices of the texts to compare, ascending; None for all.
        progress: hears the bands.
    """
    parents = np.arange(len(keys), dtype=np.int64)
    texts = parents.copy() if among is None else among
    _join_equal(sets, texts, parents)
    distinct = texts[parents[texts] == texts]
    neighbours = max(MIN_NEIGHBOURS, BAND_PAIRS // max(1, len(distinct)))
    search = _Search(sets, keys, parents, threshold, neighbours)
    bands = keys.shape[1]
    for band in range(bands):
        progress("near copies", band, bands)
        members, ends, crowded = _buckets(distinct, keys, band, neighbours)
        search.join(members, ends)
        if not crowded:
            search.settled.append(band)
    progress("near copies", bands, bands)
    return parents


def jaccard(sets: Shingles, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """The Jaccard similarity of the texts `left[i]` and `right[i]`, for every i; in memory that does not grow."""
    both = sets.sizes_of(left) + sets.sizes_of(right)
    result = np.empty(len(left))
    ends = np.cumsum(both)
    start = 0
    while start < len(left):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + CHUNK_SHINGLES, side="right")))
        shared = _shared(sets, left[start:stop], right[start:stop])
        result[start:stop] = shared / (both[start:stop] - shared)
        start = stop
    return result


def _join_equal(sets: Shingles, texts: NDArray[np.int64], parents: NDArray[np.int64]) -> None:
    """Unite texts with the same shingles: they need no search, and would make buckets large."""
    sums = _sums(sets)[texts]
    order = np.argsort(sums, kind="stable")
    bounds = groups(sums[order])
    order = texts[order]
    first = np.repeat(order[bounds[:-1]], np.diff(bounds))
    same = (first != order) & (sets.sizes_of(first) == sets.sizes_of(order))
    left, right = first[same], order[same]
    equal = jaccard(sets, left, right) == 1
    unite(parents, left[equal], right[equal])


def _sums(sets: Shingles) -> NDArray[np.uint64]:
    """One number per text that is the same for equal sets."""
    sums = np.empty(len(sets.starts) - 1, np.uint64)
    for start in range(0, len(sums), CHUNK_TEXTS):
        stop = min(start + CHUNK_TEXTS, len(sums))
        first, last = sets.starts[start], sets.starts[stop]
        hashes = mixed(sets.values[first:last].astype(np.uint64))
        sums[start:stop] = np.add.reduceat(hashes, sets.starts[start:stop] - first)
    return sums


def _buckets(
    texts: NDArray[np.int64], keys: NDArray[np.uint32], band: int, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Texts that share their key of a band with others, bucket after bucket; where each one's bucket ends; and
    whether one has more than `most`."""
    packed = keys[texts, band].astype(np.uint64) << np.uint64(32) | np.arange(len(texts), dtype=np.uint64)
    packed.sort()  # numbers sort much faster than an order is found
    bounds = groups(packed >> np.uint64(32))
    sizes = np.diff(bounds)
    shared = np.repeat(sizes > 1, sizes)
    members = texts[(packed & np.uint64(0xFFFFFFFF)).astype(np.int64)][shared]
    sizes = sizes[sizes > 1]
    ends = np.cumsum(sizes)
    after = (band + 1) % keys.shape[1]
    crowded = np.flatnonzero(sizes > most)
    for start, stop in zip((ends - sizes)[crowded], ends[crowded], strict=True):
        bucket = members[start:stop]
        members[start:stop] = bucket[np.argsort(keys[bucket, after], kind="stable")]
    return members, np.repeat(ends, sizes), len(crowded) > 0


@dataclass(slots=True)
class _Search:
    """What is compared, and the clusters found so far; `settled` are the bands of which every pair was looked at."""

    sets: Shingles
    keys: NDArray[np.uint32]
    parents: NDArray[np.int64]
    threshold: float
    neighbours: int
    settled: list[int] = field(default_factory=list)

    def join(self, members: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Compare each text with the next of its bucket, then with the one after that, until no bucket has more."""
        places = np.arange(len(members))
        for ahead in range(1, self.neighbours + 1):
            places = places[places + ahead < ends[places]]
            if not len(places):
                return
            left, right = self._open(members[places], members[places + ahead])
            near = jaccard(self.sets, left, right) >= self.threshold
            unite(self.parents, left[near], right[near])
            if ahead & (ahead - 1) == 0:  # now and then: buckets that have become one cluster are done with
                whole = _of_one_root(roots_of(self.parents, members), ends)
                places = places[~whole[places]]

    def _open(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pairs that are not joined yet, were not compared before and are not too different in size."""
        apart = roots_of(self.parents, left) != roots_of(self.parents, right)
        left, right = left[apart], right[apart]
        for band in self.settled:
            new = self.keys[left, band] != self.keys[right, band]
            left, right = left[new], right[new]
        sizes = self.sets.sizes_of(left), self.sets.sizes_of(right)
        possible = np.minimum(*sizes) >= self.threshold * np.maximum(*sizes)
        return left[possible], right[possible]


def _of_one_root(roots: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each place, whether its whole bucket has one root."""
    bounds = groups(ends)
    starts = bounds[:-1]
    one = np.minimum.reduceat(roots, starts) == np.maximum.reduceat(roots, starts)
    return np.repeat(one, np.diff(bounds))


def _shared(sets: Shingles, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many shingles each pair has in common: sorted by pair and shingle, those that stand twice in a row."""
    texts = np.concatenate((left, right))
    sizes = sets.sizes_of(texts)
    pairs = np.repeat(np.tile(np.arange(len(left), dtype=np.uint64), 2), sizes)
    shift = sets.starts[texts] - np.concatenate(([0], np.cumsum(sizes)[:-1]))
    values = sets.values[np.arange(int(sizes.sum())) + np.repeat(shift, sizes)]
    found = pairs << np.uint64(32) | values
    found.sort()
    twice = found[1:][found[1:] == found[:-1]] >> np.uint64(32)
    return np.bincount(twice.astype(np.intp), minlength=len(left)).astype(np.int64)
