"""Clusters of vectors: the same pairs as by comparing all, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.data.dedupe import semantic
from seatrial.data.dedupe.semantic import cosine, semantic_clusters


def test_the_same_as_by_comparing_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "BLOCK_ROWS", 7)
    monkeypatch.setattr(semantic, "BLOCK_COLUMNS", 11)
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(20, 16))
    vectors = (centres[rng.integers(0, 20, 80)] + 0.15 * rng.normal(size=(80, 16))).astype(np.float32)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.arange(80)
    for left, right in np.argwhere(units @ units.T >= 0.95):
        labels[labels == labels[right]] = labels[left]
    expected = [np.flatnonzero(labels == label).tolist() for label in dict.fromkeys(labels.tolist())]
    assert semantic_clusters(vectors, 0.95) == [cluster for cluster in expected if len(cluster) > 1]
    assert len(semantic_clusters(vectors, 0.95)) > 5


def test_a_vector_of_length_zero_is_like_no_other() -> None:
    vectors = np.array([[0, 0], [0, 0], [2, 0], [3, 0]], dtype=np.float32)
    assert semantic_clusters(vectors, 1.0) == [[2, 3]]
    assert semantic_clusters(vectors[:0], 1.0) == []


def test_cosines_of_pairs() -> None:
    units = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    assert cosine(units, np.array([0, 0]), np.array([1, 2])) == pytest.approx([0, 0.6])
