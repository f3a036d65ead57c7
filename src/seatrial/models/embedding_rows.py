"""Rows for new tokens in a model's table of embeddings. Refuses to know: files and tokenizers.

A row of random numbers is far from all that the model knows, and spoils what it says until it is trained. A token that
was spelled by others before begins as their mean; a character that could not be read begins like those that stand
beside the same characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["neighbourly_rows", "spelled_rows"]

NEIGHBOURS = 2000
"""Of the most frequent characters it is counted how often they stand beside another."""
SMOOTHING = 0.75
"""Exponent of the neighbours' frequencies, so that rare neighbours do not outweigh all others."""


def spelled_rows(
    table: NDArray[np.float32], spellings: Sequence[Sequence[int]], *, noise: float = 0.0, seed: int = 0
) -> NDArray[np.float32]:
    """A row for each spelling: the mean of the rows of its tokens.

    Args:
        table: [tokens, width], or [tokens] for a bias.
        spellings: n lists of token ids; the mean of the whole table stands for an empty one.
        noise: standard deviation of what is added, in standard deviations of the table's columns; tokens with equal
            spellings are the same to the model without it.
        seed: of the noise.

    Returns:
        [n, width], or [n].

    Source: Hewitt 2021, "Initializing New Word Embeddings for Pretrained Language Models".
    """
    import numpy as np

    mean = table.mean(axis=0)
    rows = np.empty((len(spellings), *table.shape[1:]), dtype=np.float32)
    for place, spelling in enumerate(spellings):
        rows[place] = table[list(spelling)].mean(axis=0) if spelling else mean
    if noise:
        drawn = np.asarray(np.random.default_rng(seed).normal(size=rows.shape), dtype=np.float32)
        rows += noise * table.std(axis=0) * drawn
    return rows


def neighbourly_rows(texts: Sequence[str], characters: Sequence[str], width: int, *, seed: int) -> NDArray[np.float64]:
    """A vector for each character, [characters, width], like those of characters with the same neighbours.

    The positive pointwise mutual information of a character with those just before and just after it, reduced to
    `width` numbers of mean 0 and variance 1.

    Source: Levy, Goldberg and Dagan 2015, "Improving Distributional Similarity with Lessons Learned from Word
    Embeddings", §2.1 and §3; Halko, Martinsson and Tropp 2011, "Finding Structure with Randomness", §1.6.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    vectors = random.normal(size=(len(characters), width))  # for what has no neighbours, and beyond the rank
    seen = Counter(character for text in texts for character in text)
    common = {character: place for place, (character, _) in enumerate(seen.most_common(NEIGHBOURS))}
    index = {character: place for place, character in enumerate(characters)}
    counts = np.zeros((len(characters), 2 * len(common)))
    for text in texts:
        for before, after in pairwise(text):
            if before in index and after in common:
                counts[index[before], common[after]] += 1
            if after in index and before in common:
                counts[index[after], len(common) + common[before]] += 1
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) ** SMOOTHING
    share = counts.sum() * (counts.sum(axis=0) ** SMOOTHING).sum() / max(1.0, counts.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.nan_to_num(np.log(counts * share / expected), nan=0.0, neginf=0.0).clip(min=0.0)
    rank = min(width, *information.shape) if information.size else 0
    if rank:
        basis = np.linalg.qr(
            information @ (information.T @ (information @ random.normal(size=(counts.shape[1], rank))))
        )[0]
        left, strengths, _ = np.linalg.svd(basis.T @ information, full_matrices=False)
        found = basis @ left * np.sqrt(strengths)
        mixed = (
            found @ np.linalg.qr(random.normal(size=(found.shape[1], width)).T)[0].T
        )  # no dimension outweighs others
        spread = mixed.std(axis=1, keepdims=True)
        known = spread[:, 0] > 0
        vectors[known] = mixed[known] / spread[known]
    return vectors
