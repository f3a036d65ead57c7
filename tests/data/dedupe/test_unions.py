"""Clusters from pairs, the same whatever their order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.dedupe.unions import clusters_of, groups, roots_of, unite

PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)))


@given(PAIRS, st.randoms())
def test_the_clusters_are_the_connected_parts(pairs: list[tuple[int, int]], rng: object) -> None:
    labels = list(range(20))
    for left, right in pairs:
        labels = [labels[left] if label == labels[right] else label for label in labels]
    parts = [[i for i in range(20) if labels[i] == label] for label in dict.fromkeys(labels)]
    parents = np.arange(20)
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    unite(parents, left[::2], right[::2])
    unite(parents, left[1::2], right[1::2])
    assert clusters_of(parents) == [part for part in parts if len(part) > 1]
    assert all(roots_of(parents, np.array(part)).tolist() == [part[0]] * len(part) for part in parts)


def test_runs_of_equal_values() -> None:
    assert groups(np.array([3, 3, 1, 2, 2])).tolist() == [0, 2, 3, 5]
    assert groups(np.array([])).tolist() == [0]
