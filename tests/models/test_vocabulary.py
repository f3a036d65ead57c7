"""Whole words of a vocabulary, and the nearest ones."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from seatrial.models.vocabulary import nearest_words, whole_words


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["[CLS]", "good", "##ly", "a", "x1", "fine"], ["good", "fine"]),
        (["<s>", "Ġgood", "ly", "Ġfine", "Ġ!"], ["good", "fine"]),
        (["▁good", "ly", "▁fine"], ["good", "fine"]),
    ],
)
def test_pieces_that_are_words(pieces: list[str], words: list[str]) -> None:
    tokenizer = Tokenizer(WordLevel({piece: i for i, piece in enumerate(pieces)}, unk_token=pieces[0]))
    found = whole_words(tokenizer)
    assert list(found) == words
    assert [pieces[i].endswith(word) for word, i in found.items()] == [True] * len(words)


def test_the_nearest_come_first_and_never_the_word_itself() -> None:
    shared = np.array([5.0, 5.0, 0.0])  # what all embeddings have in common says nothing
    embeddings = shared + np.array([[1, 0, 1], [1, 0.1, 1], [-1, 0, 1], [0, -1, -3], [0.9, 0.5, 1]], dtype=np.float64)
    vocabulary = {"good": 0, "great": 1, "bad": 2, "tea": 3, "fine": 4}
    found = nearest_words(["good", "unknown"], vocabulary, embeddings.astype(np.float32), count=2, at_least=0.5)
    assert found == {"good": ["great", "fine"]}
    assert nearest_words(["good"], vocabulary, embeddings.astype(np.float32), count=5, at_least=0.999) == {}
