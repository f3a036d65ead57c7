"""What is in two splits at once is found, and what has to go is the training side."""

from __future__ import annotations

from seatrial.data.split.leaks import Leak, find_leaks, kinds_of, leaks_among, training_side, two_of

SPLITS = ["train", "test", "validation", "train", "train", "test"]


def test_copies_and_groups_across_splits() -> None:
    texts = ["a b", "c", "A  b", "d", "e", "f"]
    leaks = find_leaks(SPLITS, texts=texts, clusters=[[0, 2], [3, 4], [4, 5]], groups=["x", "x", None, "y", "y", None])
    assert leaks == [
        Leak("exact copy", (0, 2), ("train", "validation")),
        Leak("near copy", (4, 5), ("train", "test")),
        Leak("group", (0, 1), ("train", "test")),
    ]


def test_nothing_leaks_within_a_split() -> None:
    assert (
        find_leaks(SPLITS, texts=list("abcaab"), clusters=[[0, 3, 4], [1, 5]], groups=["x", "y", "z", "x", None, "y"])
        == []
    )


def test_the_training_side_of_a_leak() -> None:
    leaks = find_leaks(SPLITS, clusters=[[0, 1, 2], [3, 4]], groups=["g", None, None, "g", None, "g"])
    assert training_side(leaks, SPLITS) == {
        "near copy of a test example": [0, 2],
        "same group as a test example": [3],  # 0 is gone already
    }


def test_validation_is_the_training_side_of_test_only() -> None:
    splits = ["train", "validation"]
    assert training_side(find_leaks(splits, texts=["a", "a"]), splits) == {"exact copy of a validation example": [0]}


def test_texts_with_nothing_in_them_are_no_copies() -> None:
    assert find_leaks(["train", "test", "test"], texts=["", " ", "a"]) == []


def test_folds_are_told_in_their_order_and_what_is_known_to_belong_together_needs_no_text() -> None:
    splits = ["fold-10", "fold-2", "fold-2"]
    leaks = leaks_among(splits, exact=[[1, 2]], near=[[0, 1]], groups=[[0, 2]])
    assert leaks == [Leak("near copy", (0, 1), ("fold-2", "fold-10")), Leak("group", (0, 2), ("fold-2", "fold-10"))]
    assert kinds_of(leaks) == "1 of kind near copy, 1 of kind group"
    assert two_of(Leak("group", (1, 2, 0), ()), splits) == (1, 0)
