"""Stretches by conlleval's rules, in every scheme that people write."""

from __future__ import annotations

import pytest

from seatrial.tasks.tags import chunks, labels_of, prefixed, stranger, tag_names, words


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-PER I-PER O B-LOC", [(0, 2, "PER"), (3, 4, "LOC")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("O I-PER I-PER O", [(1, 3, "PER")]),  # IOB1: the first of its label begins without B
        ("I-PER B-PER I-PER", [(0, 1, "PER"), (1, 3, "PER")]),  # IOB1: B only between neighbours
        ("B-PER I-LOC I-LOC", [(0, 1, "PER"), (1, 3, "LOC")]),  # another label begins another stretch
        ("I-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("B-PER I-PER E-PER S-LOC O", [(0, 3, "PER"), (3, 4, "LOC")]),
        ("E-PER E-PER", [(0, 1, "PER"), (1, 2, "PER")]),  # after an end something new begins
        ("S-PER I-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-PER M-PER L-PER U-LOC", [(0, 3, "PER"), (3, 4, "LOC")]),  # BMES and BILOU
        ("O O", []),
        ("", []),
        ("B-PER I-PER", [(0, 2, "PER")]),  # open at the end
    ],
)
def test_stretches_as_conlleval_counts_them(tags: str, expected: list[tuple[int, int, str]]) -> None:
    assert chunks(tags.split()) == expected


def test_words_are_stretches_of_their_own_unless_they_belong_together() -> None:
    tags = ["nr", "nr", "w", "nr", "nr", "nr", "O", "v"]
    alone = words(tags, {})
    assert alone == [(i, i + 1, tag) for i, tag in enumerate(tags) if tag != "O"]
    pairs = [chunk for chunk in words(tags, {"nr": 2}) if chunk[2] == "nr"]
    assert pairs == [(0, 2, "nr"), (3, 5, "nr"), (5, 6, "nr")]


def test_schemes_are_told_apart() -> None:
    assert prefixed(["O", "B-PER", "S-x-y"])
    assert not prefixed(["O", "NOUN"])
    assert stranger(["B-a", "E-a"], "bio") == "E-a"
    assert stranger(["B-a", "E-a", "O"], "bioes") is None
    assert stranger(["NOUN"], "bio") == "NOUN"


def test_names_of_tags_and_back() -> None:
    assert tag_names(("PER", "LOC")) == ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert labels_of(tag_names(("PER", "LOC"))) == ("PER", "LOC")
