from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.inspect.lengths import Lengths, word_count


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one two", 2), ("don't well-known", 2), ("三个字", 3), ("ok好 yes", 3), ("... !", 0), ("a_b", 2)],
)
def test_words(text: str, words: int) -> None:
    assert word_count(text) == words


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=200))
def test_quantiles_are_those_of_the_sorted_lengths(values: list[int]) -> None:
    lengths = Lengths()
    for start in range(0, len(values), 7):
        lengths.add(values[start : start + 7])
    row = lengths.row()
    assert row is not None
    for name, share in {"p5": 0.05, "p50": 0.5, "p95": 0.95, "p99": 0.99}.items():
        assert row[name] == np.quantile(values, share, method="inverted_cdf")
    assert (row["min"], row["max"]) == (min(values), max(values))
    assert row["mean"] == pytest.approx(np.mean(values))
    assert sum(bar["count"] for bar in lengths.histogram()) == sum(value > 0 for value in values)


def test_nothing_has_no_lengths() -> None:
    assert Lengths().row() is None
    assert Lengths().histogram() == []
