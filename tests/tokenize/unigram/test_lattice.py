"""All cuts at once give what counting them one by one gives."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from seatrial.tokenize.unigram.lattice import Lattice

PIECES = ["a", "b", "ab", "ba", "aba", "bb"]
STRINGS = ["abab", "b", "abba", "bbbaba"]
SCORES = np.log(np.array([0.1, 0.15, 0.3, 0.05, 0.25, 0.15]))
COUNTS = np.array([3, 1, 2, 5])


def cuts(string: str) -> list[list[int]]:
    """Every way to cut a string into pieces, as numbers of pieces."""
    found = []
    for marks in itertools.product([False, True], repeat=len(string) - 1):
        bounds = [0, *(place + 1 for place, mark in enumerate(marks) if mark), len(string)]
        parts = [string[a:b] for a, b in itertools.pairwise(bounds)]
        if all(part in PIECES for part in parts):
            found.append([PIECES.index(part) for part in parts])
    return found


def test_expected_occurrences_and_probability() -> None:
    expected, total = np.zeros(len(PIECES)), 0.0
    for string, count in zip(STRINGS, COUNTS, strict=True):
        weights = [math.exp(sum(SCORES[i] for i in cut)) for cut in cuts(string)]
        total += count * math.log(sum(weights))
        for cut, weight in zip(cuts(string), weights, strict=True):
            for piece in cut:
                expected[piece] += count * weight / sum(weights)
    occurrences, log_probability = Lattice(STRINGS, PIECES).expected(SCORES, COUNTS)
    np.testing.assert_allclose(occurrences, expected)
    assert log_probability == pytest.approx(total)


@pytest.mark.parametrize("whole", [True, False])
def test_the_best_cut(whole: bool) -> None:
    strings = PIECES if not whole else STRINGS
    best, owners, pieces = Lattice(strings, PIECES, whole=whole).best(SCORES)
    for number, string in enumerate(strings):
        allowed = [cut for cut in cuts(string) if whole or len(string) == 1 or len(cut) > 1]
        wanted = max(allowed, key=lambda cut: sum(SCORES[i] for i in cut))
        assert sorted(pieces[owners == number].tolist()) == sorted(wanted)
        assert best[number] == pytest.approx(sum(SCORES[i] for i in wanted))


def test_pieces_that_are_gone_are_not_used() -> None:
    lattice = Lattice(STRINGS, PIECES)
    lattice.keep(np.array([True, True, False, True, False, True]))
    occurrences, _ = lattice.expected(SCORES, COUNTS)
    assert occurrences[[2, 4]].tolist() == [0, 0]
    alone, _ = Lattice(STRINGS, ["a", "b", "ba", "bb"]).expected(SCORES[[0, 1, 3, 5]], COUNTS)
    np.testing.assert_allclose(occurrences[[0, 1, 3, 5]], alone)
