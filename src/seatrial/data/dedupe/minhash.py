"""MinHash signatures and the band keys of locality-sensitive hashing, in bulk with numpy.

Two texts share a band with probability 1 - (1 - J^rows)^bands, J being the Jaccard similarity of their shingles.
Source: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, §3.3-3.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.dedupe.shingles import Shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HASHES", "band_keys", "rows_per_band", "signatures"]

HASHES = 64
MIN_RECALL = 0.99
CHUNK_TEXTS = 1024
"""Signatures made at a time: two arrays of 256 kB, which stay in the cache."""
LONG = 512
"""Shingles from which a text is hashed by itself: a step per shingle would cost more than its hashes."""
LONG_CHUNK = 2048
SEED = 20_140_601  # any fixed number; signatures are never stored


def rows_per_band(threshold: float) -> int:
    """The longest bands with which a pair exactly at `threshold` is still found with probability ≥ 0.99."""
    fitting = [rows for rows in (1, 2, 4, 8, 16) if 1 - (1 - threshold**rows) ** (HASHES // rows) >= MIN_RECALL]
    return max(fitting, default=1)


def signatures(sets: Shingles) -> NDArray[np.uint32]:
    """MinHash signatures, shape [n_texts, 64].

    Each hash is the product with a fixed odd number modulo 2^32: a permutation of the shingles, which are random
    already, and the one operation that runs on eight of them at once on any machine.

    Args:
        sets: the shingles of each text.
    """
    factors = _odd(HASHES)
    sizes = sets.sizes
    result = np.empty((len(sizes), HASHES), dtype=np.uint32)
    order = np.argsort(sizes, kind="stable")  # texts of one length together: no padding
    short = int(np.searchsorted(sizes[order], LONG))
    for text in order[short:]:
        result[text] = _least(sets.values[sets.starts[text] : sets.starts[text + 1]], factors)
    order = order[:short]
    for start in range(0, short, CHUNK_TEXTS):
        texts = order[start : start + CHUNK_TEXTS]
        firsts, lengths = sets.starts[texts], sizes[texts]
        least = sets.values[firsts][:, None] * factors
        hashes = np.empty_like(least)
        for place in range(1, int(lengths[-1])):
            longer = int(np.searchsorted(lengths, place, side="right"))  # texts that have a shingle at `place`
            np.multiply(sets.values[firsts[longer:] + place][:, None], factors, out=hashes[longer:])
            np.minimum(least[longer:], hashes[longer:], out=least[longer:])
        result[texts] = least
    return result


def band_keys(signature: NDArray[np.uint32], rows: int) -> NDArray[np.uint32]:
    """One key per band of `rows` hashes, shape [n_texts, 64 // rows]: equal bands have equal keys.

    Others have equal keys once in 2^32 pairs, which costs a comparison and changes no result.
    """
    bands = signature.reshape(len(signature), HASHES // rows, rows)
    keys: NDArray[np.uint32] = np.bitwise_xor.reduce(bands * _odd(rows), axis=2)
    return keys


def _least(values: NDArray[np.uint32], factors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The signature of one text, in memory that does not grow with it."""
    parts = range(0, len(values), LONG_CHUNK)
    found = [(values[start : start + LONG_CHUNK, None] * factors).min(axis=0) for start in parts]
    least: NDArray[np.uint32] = np.minimum.reduce(found)
    return least


def _odd(count: int) -> NDArray[np.uint32]:
    rng = np.random.default_rng(SEED)
    return rng.integers(0, 2**31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
