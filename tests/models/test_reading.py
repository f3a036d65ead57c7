"""Windows and rows: what goes in for a window comes out for it, whatever batch it was computed in."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.models.padding import padded_rows
from seatrial.models.reading import Places, Reading, Rows, whole_texts

WINDOWS = [[1, 2, 3], [4], [5, 6]]


def test_rows_per_token_lose_what_was_computed_for_padding() -> None:
    rows = Rows(WINDOWS)
    rows.put([2, 1], np.array([[[5, 0], [6, 0]], [[4, 0], [-1, -1]]], dtype=np.float32))
    rows.put([0], np.array([[[1, 0], [2, 0], [3, 0]]], dtype=np.float32))
    assert rows.all()[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    parts = whole_texts(WINDOWS).parts(rows.all())
    assert [part[:, 0].tolist() for part in parts] == WINDOWS


def test_rows_per_window_are_in_the_order_of_the_windows() -> None:
    rows = Rows(WINDOWS)
    rows.put([2, 0], np.array([[3, 3], [1, 1]], dtype=np.float32))
    rows.put([1], np.array([[2, 2]], dtype=np.float32))
    assert rows.all().tolist() == [[1, 1], [2, 2], [3, 3]]
    assert [part.tolist() for part in whole_texts(WINDOWS).parts(rows.all())] == [[1, 1], [2, 2], [3, 3]]
    assert Rows([]).all().shape == (0, 0)


def test_another_number_of_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="4 rows for 3 windows of 6 tokens"):
        whole_texts(WINDOWS).parts(np.zeros((4, 2), dtype=np.float32))


def test_some_texts_of_a_reading_keep_their_windows_and_places() -> None:
    places = [Places(np.array([place]), np.array([False])) for place in range(2)]
    reading = Reading(WINDOWS, [(0, 2), (2, 3)], places)
    assert (len(reading), reading.lengths) == (2, [4, 2])
    swapped = reading.pick([1, 0])
    assert swapped.windows == [[5, 6], [1, 2, 3], [4]]
    assert swapped.spans == [(0, 1), (1, 3)]
    assert [int(place.tokens[0]) for place in swapped.places] == [1, 0]
    assert whole_texts(WINDOWS).pick([2]).windows == [[5, 6]]


def test_targets_beside_padding_are_zeros() -> None:
    batch = padded_rows([np.ones((2, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32)])
    assert batch.sum(dim=2).tolist() == [[3, 3], [3, 0]]
    assert padded_rows([np.zeros(4, dtype=np.float32)] * 2).shape == (2, 4)
