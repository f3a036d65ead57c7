"""Exact copies: what counts as the same text, and which copy stays."""

from __future__ import annotations

from seatrial.data.dedupe import Copies, exact_clusters, exact_copies
from seatrial.data.dedupe.exact import normalized


def test_case_width_and_spaces_do_not_matter_but_punctuation_does() -> None:
    assert normalized("Ｇood\u00a0 Straße") == normalized("GOOD strasse")
    assert normalized("fine :)") != normalized("fine :(")


def test_clusters_are_ordered_by_their_first() -> None:
    assert exact_clusters(["a", "b", "c", "B ", "A", "a"]) == [[0, 4, 5], [1, 3]]


def test_the_first_copy_stays() -> None:
    assert exact_copies(["a", "b", "A ", "a"], ["x"] * 4) == Copies((2, 3), (), ())


def test_the_majority_label_wins() -> None:
    copies = exact_copies(["a"] * 4 + ["b"], ["y", "x", "x", "x", "y"])
    assert copies == Copies(same=(2, 3), outvoted=(0,), undecided=())


def test_without_a_majority_no_copy_stays() -> None:
    assert exact_copies(["a", "b", "a"], ["x", "x", "y"]) == Copies((), (), (0, 2))
    assert exact_copies(["a"] * 5, ["x", "x", "y", "y", "z"]) == Copies((), (), (0, 1, 2, 3, 4))


def test_rank_goes_before_order() -> None:
    assert exact_copies(["a", "a", "a"], ["x"] * 3, ranks=[2, 0, 0]) == Copies((0, 2), (), ())
