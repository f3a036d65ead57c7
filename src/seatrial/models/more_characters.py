"""A base model with more characters in its vocabulary: those of the training texts that it cannot read.

A model that has read English has no token for most Chinese characters: they all become ``[UNK]``, and no training can
tell them apart. Here each gets a token of its own, with a vector that tells which characters it stands beside in the
training texts; what it means is learned in fine-tuning. `seatrial.models.more_tokens` adds longer pieces too.
Refuses to know: tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import SpecError
from seatrial.models.embedding_rows import neighbourly_rows, spelled_rows
from seatrial.models.more_tokens import read_base, write_grown
from seatrial.tokenize.unread import unread_characters
from seatrial.tokenize.vocabulary_file import tokenizer_of, vocabulary_of, with_tokens
from seatrial.tokenize.wordpiece import CONTINUES, wordpiece_forms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["with_more_characters"]


def with_more_characters(base: Path, texts: Sequence[str], most: int, out: Path, *, seed: int) -> int:
    """Write the base model with further tokens to `out`.

    Args:
        base: a transformers folder with a WordPiece tokenizer and weights in one safetensors file.
        texts: training texts.
        most: characters to add at most, the most frequent first; those that occur once are left out.
        out: an existing folder.
        seed: of the vectors of the new tokens, which are spread like those that there are.

    Returns:
        How many characters were added.

    Raises:
        SpecError: the tokenizer is of another kind.
        ResolveError: a file of the base model is missing.
    """
    settings, weights, size = read_base(base)
    if settings["model"].get("type") != "WordPiece":
        raise SpecError(
            f"this tokenizer is of the kind {settings['model'].get('type')}",
            where="model.more_characters",
            expected="WordPiece",
            hint="leave it out: tokenizers of other kinds can read every character",
        )
    known = vocabulary_of(settings)
    added = list(islice(unread_characters(tokenizer_of(settings), texts), most))
    tokens = [token for character in added for token in wordpiece_forms(character) if token not in known]
    grown = with_tokens(settings, tokens, first=size)
    characters = [token.removeprefix(CONTINUES) for token in tokens]

    def rows(table: NDArray[np.float32]) -> NDArray[np.float32]:
        if table.ndim == 1:
            return spelled_rows(table, [()] * len(tokens))
        beside = neighbourly_rows(texts, characters, table.shape[1], seed=seed)
        new: NDArray[np.float32] = (table.mean(axis=0) + table.std(axis=0) * beside).astype(table.dtype)
        return new

    numbers = vocabulary_of(grown)
    write_grown(base, out, grown, weights=weights, numbers=[numbers[token] for token in tokens], rows=rows)
    return len(added)
