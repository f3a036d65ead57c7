"""The whole words in a tokenizer's vocabulary, and which of them are near each other in a model's word embeddings.

Refuses to know what the words are wanted for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["nearest_words", "whole_words"]

CONTINUES = "##"
BEGINS = ("Ġ", "▁")
"""How vocabularies mark pieces: WordPiece those that go on within a word, the others those that begin one."""
CHUNK = 256


def whole_words(tokenizer: Tokenizer) -> dict[str, int]:
    """Word → id, for the pieces that are words of two letters or more by themselves, as the vocabulary writes them."""
    vocabulary: Mapping[str, int] = tokenizer.get_vocab(with_added_tokens=False)
    mark = next((mark for mark in BEGINS if sum(piece.startswith(mark) for piece in vocabulary) > 1), None)
    if mark is None:
        pieces = ((piece, i) for piece, i in vocabulary.items() if not piece.startswith(CONTINUES))
    else:
        pieces = ((piece[len(mark) :], i) for piece, i in vocabulary.items() if piece.startswith(mark))
    return {word: i for word, i in sorted(pieces, key=lambda item: item[1]) if len(word) > 1 and word.isalpha()}


def nearest_words(
    words: Sequence[str],
    vocabulary: Mapping[str, int],
    embeddings: NDArray[np.float32],
    *,
    count: int,
    at_least: float,
) -> dict[str, list[str]]:
    """The nearest other words by the cosine of their embeddings.

    Args:
        words: to look up; those that the vocabulary lacks are left out of the answer.
        vocabulary: word → id.
        embeddings: [ids, dimensions]; their mean is taken off first, because all of them share a direction.
        count: at most so many for each.
        at_least: lowest cosine.
    """
    names = list(vocabulary)
    rows = embeddings[[vocabulary[name] for name in names]].astype(np.float32)
    rows = rows - rows.mean(axis=0)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    place = {name: index for index, name in enumerate(names)}
    known = [word for word in words if word in place]
    found: dict[str, list[str]] = {}
    for start in range(0, len(known), CHUNK):
        part = known[start : start + CHUNK]
        cosines = rows[[place[word] for word in part]] @ rows.T  # [words, vocabulary]
        for word, line in zip(part, cosines, strict=True):
            line[place[word]] = -2.0
            best = np.argsort(-line, kind="stable")[:count]
            near = [names[i] for i in best if line[i] >= at_least]
            if near:
                found[word] = near
    return found
