"""Sketches: the same alone, in chunks and in a store."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seatrial.data.dedupe.sketch import SketchStore, sketch

TEXTS = ["one two three four five", "", "这本书非常好看", "One  two three four FIVE", ":)", "a lone \ud800 surrogate"]


def test_chunks_in_a_store_are_the_same_as_all_at_once(tmp_path: Path) -> None:
    whole = sketch(TEXTS, 4)
    with SketchStore(tmp_path / "shingles", 4) as store:
        for part in (TEXTS[:2], TEXTS[2:3], TEXTS[3:]):
            store.add(sketch(part, 4))
        found = store.whole()
        assert np.array_equal(found.digests, whole.digests)
        assert np.array_equal(found.keys, whole.keys)
        assert np.array_equal(found.shingles.starts, whole.shingles.starts)
        assert np.array_equal(found.shingles.values, whole.shingles.values)
    assert list(tmp_path.iterdir()) == []


def test_equal_texts_have_equal_digests_and_others_do_not() -> None:
    digests = {tuple(row) for row in sketch(TEXTS, None).digests.tolist()}
    assert len(digests) == len(TEXTS) - 1


def test_without_near_copies_nothing_but_digests_is_made(tmp_path: Path) -> None:
    with SketchStore(tmp_path / "shingles", None) as store:
        store.add(sketch(TEXTS, None))
        found = store.whole()
    assert found.keys.shape == (len(TEXTS), 0)
    assert found.shingles.sizes.tolist() == [0] * len(TEXTS)
