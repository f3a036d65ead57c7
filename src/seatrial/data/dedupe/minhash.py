"""MinHash signatures and the buckets of locality-sensitive hashing, in bulk with numpy.

Two texts fall into a common bucket with probability 1 - (1 - J^rows)^bands, J being the Jaccard similarity of their
shingles. Source: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, §3.3-3.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["buckets", "rows_per_band", "signatures"]

HASHES = 64
MIN_RECALL = 0.99
CHUNK_SHINGLES = 1 << 16  # 64 hashes of 8 bytes for each: 32 MiB at a time
SEED = 20_140_601  # any fixed number; signatures are never stored


def rows_per_band(threshold: float) -> int:
    """The longest bands with which a pair exactly at `threshold` is still found with probability ≥ 0.99."""
    fitting = [rows for rows in (1, 2, 4, 8, 16) if 1 - (1 - threshold**rows) ** (HASHES // rows) >= MIN_RECALL]
    return max(fitting, default=1)


def signatures(sets: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    """MinHash signatures, shape [n_sets, 64], by multiply-shift hashing of shingles that are digests already.

    Args:
        sets: distinct 64-bit shingles of each text, none empty.
    """
    rng = np.random.default_rng(SEED)
    factors = rng.integers(0, 2**63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)  # odd, so a permutation
    offsets = rng.integers(0, 2**63, HASHES, dtype=np.uint64)
    result = np.empty((len(sets), HASHES), dtype=np.uint32)
    for start, stop in _chunks(sets):
        lengths = [len(shingles) for shingles in sets[start:stop]]
        starts = np.concatenate(([0], np.cumsum(lengths[:-1]))).astype(np.intp)
        hashes = np.concatenate(sets[start:stop])[:, None] * factors + offsets  # wraps around: arithmetic modulo 2^64
        result[start:stop] = np.minimum.reduceat(hashes >> np.uint64(32), starts, axis=0)
    return result


def buckets(signature: NDArray[np.uint32], rows: int) -> Iterator[list[int]]:
    """Groups of two or more indices whose signatures agree in all `rows` places of a band, band after band."""
    for first in range(0, HASHES, rows):
        band = np.ascontiguousarray(signature[:, first : first + rows]).view(np.dtype((np.void, 4 * rows))).ravel()
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        bounds = np.concatenate(([0], edges, [len(order)]))
        for index in np.flatnonzero(np.diff(bounds) > 1):
            yield order[bounds[index] : bounds[index + 1]].tolist()


def _chunks(sets: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[int, int]]:
    """Ranges of sets with about `CHUNK_SHINGLES` shingles together, so that memory does not grow with the data."""
    start = size = 0
    for index, shingles in enumerate(sets):
        size += len(shingles)
        if size >= CHUNK_SHINGLES:
            yield start, index + 1
            start, size = index + 1, 0
    if start < len(sets):
        yield start, len(sets)
