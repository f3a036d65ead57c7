"""Packing loses no token, mixes no documents, and follows its seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.packing import NOTHING, Document, PackedRows, pack_cut, pack_whole

PAD = 999
LENGTHS = st.lists(st.integers(0, 40), max_size=30)


def documents_of(lengths: list[int]) -> list[Document]:
    """Documents whose tokens name their document and place, so that each pair occurs once."""
    return [Document([1000 * (number + 1) + place for place in range(n)]) for number, n in enumerate(lengths)]


def pairs_of(packed: PackedRows) -> list[tuple[int, int]]:
    kept = packed.targets != NOTHING
    return list(zip(packed.input_ids[kept].tolist(), packed.targets[kept].tolist(), strict=True))


def assert_rows_make_sense(packed: PackedRows) -> None:
    """Within a row: documents stand together, positions count from 0, and each target follows its input."""
    for ids, numbers, positions in zip(packed.input_ids, packed.documents, packed.positions, strict=True):
        assert (np.diff(numbers) >= 0).all()
        for number in np.unique(numbers):
            inside = numbers == number
            assert positions[inside].tolist() == list(range(inside.sum()))
            assert len(set((ids[inside] // 1000).tolist())) == 1


@given(lengths=LENGTHS, length=st.integers(1, 17), seed=st.integers(0, 3))
def test_cut_documents_lose_nothing_and_waste_less_than_a_row(lengths: list[int], length: int, seed: int) -> None:
    packed = pack_cut(documents_of(lengths), length, pad_id=PAD, seed=seed)
    expected = [(a, a + 1) for d in documents_of(lengths) for a in d.ids[:-1]]
    assert sorted(pairs_of(packed)) == sorted(expected)
    assert len(packed) == -(-len(expected) // length)
    assert_rows_make_sense(packed)


@given(lengths=LENGTHS, length=st.integers(1, 17), seed=st.integers(0, 3))
def test_whole_documents_lie_in_one_row_each(lengths: list[int], length: int, seed: int) -> None:
    packed = pack_whole(documents_of(lengths), length, pad_id=PAD, seed=seed)
    expected = [(a, a + 1) for d in documents_of(lengths) for a in d.ids[: min(len(d.ids) - 1, length)] if d.pairs]
    assert sorted(pairs_of(packed)) == sorted(expected)
    assert_rows_make_sense(packed)
    rows = Counter(
        token // 1000
        for row in range(len(packed))
        for token in set((packed.input_ids[row][packed.targets[row] != NOTHING] // 1000 * 1000).tolist())
    )
    assert all(count == 1 for count in rows.values())


def test_best_fit_fills_rows_that_fit_exactly() -> None:
    packed = pack_whole(documents_of([7, 5, 4, 3, 2, 9]), 8, pad_id=PAD, seed=1)  # pairs: 6 4 3 2 1 8
    assert len(packed) == 3
    assert (packed.input_ids != PAD).all()


@pytest.mark.parametrize("pack", [pack_cut, pack_whole])
def test_what_is_not_to_be_learned_is_read_and_not_a_target(pack: object) -> None:
    document = Document([5, 6, 7, 8], [False, False, True, True])
    packed = pack([document], 4, pad_id=PAD, seed=0)  # type: ignore[operator]
    assert packed.input_ids.tolist() == [[5, 6, 7, PAD]]
    assert packed.targets.tolist() == [[NOTHING, 7, 8, NOTHING]]
    assert packed.documents.tolist() == [[0, 0, 0, 1]]
    assert packed.learned.tolist() == [2]


def test_the_order_follows_the_seed() -> None:
    documents = documents_of([5, 9, 3, 7, 8, 2])
    for pack in (pack_cut, pack_whole):
        first, again, other = (pack(documents, 6, pad_id=PAD, seed=seed) for seed in (1, 1, 2))
        assert (first.input_ids == again.input_ids).all()
        assert first.input_ids.tolist() != other.input_ids.tolist()


@pytest.mark.parametrize("pack", [pack_cut, pack_whole])
def test_nothing_gives_no_rows(pack: object) -> None:
    packed = pack([Document([]), Document([3])], 4, pad_id=PAD, seed=0)  # type: ignore[operator]
    assert len(packed) == 0
    assert packed.input_ids.shape == (0, 4)
