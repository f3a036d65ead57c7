"""Signatures that estimate the similarity, and bands that find nearly every pair at the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.data.dedupe import minhash
from seatrial.data.dedupe.minhash import HASHES, band_keys, rows_per_band, signatures
from seatrial.data.dedupe.shingles import Shingles


def packed(sets: list[NDArray[np.uint32]]) -> Shingles:
    starts = np.cumsum([0, *map(len, sets)])
    return Shingles(np.concatenate(sets), starts.astype(np.int64))


def random_pairs(size: int, shared: int, pairs: int) -> Shingles:
    rng = np.random.default_rng(1)
    pools = [rng.integers(0, 2**32, 2 * size - shared, dtype=np.uint32) for _ in range(pairs)]
    return packed([part for pool in pools for part in (pool[:size], pool[size - shared :])])


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
def test_pairs_at_the_threshold_are_found_nearly_always(threshold: float) -> None:
    rows = rows_per_band(threshold)
    assert 1 - (1 - threshold**rows) ** (HASHES // rows) >= 0.99


@pytest.mark.parametrize(("size", "shared"), [(5, 4), (10, 9), (30, 20), (300, 260)])
def test_signatures_estimate_the_similarity(size: int, shared: int) -> None:
    made = signatures(random_pairs(size, shared, 400))
    estimates = (made[::2] == made[1::2]).mean(axis=1)
    true = shared / (2 * size - shared)
    assert abs(estimates.mean() - true) < 0.02
    assert estimates.std() < 1.2 * (true * (1 - true) / HASHES) ** 0.5


def test_a_signature_does_not_depend_on_its_company(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    sets = [rng.integers(0, 2**32, size, dtype=np.uint32) for size in (1, 5000, 3, 1, 40, 7, 7)]
    together = signatures(packed(sets))
    assert all(np.array_equal(together[i], signatures(packed([one]))[0]) for i, one in enumerate(sets))
    monkeypatch.setattr(minhash, "CHUNK_TEXTS", 2)
    assert np.array_equal(together, signatures(packed(sets)))


def test_bands_are_equal_where_all_their_hashes_are() -> None:
    left = np.arange(64, dtype=np.uint32)
    right = left.copy()
    right[5] = 99
    keys = band_keys(np.stack((left, right)), 4)
    assert keys.shape == (2, 16)
    assert (keys[0] == keys[1]).tolist() == [place != 1 for place in range(16)]
