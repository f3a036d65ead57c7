"""Texts → a trained tokenizer, by the method that the specification names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seatrial.errors import DataError, SpecError
from seatrial.progress import Progress, silent
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize import TOKENIZERS
from seatrial.tokenize.base import Corpus

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["train_tokenizer"]


def train_tokenizer(
    texts: Iterable[str], spec: TokenizerSpec, *, where: str = "model.tokenizer", progress: Progress = silent
) -> Tokenizer:
    """Train a tokenizer. Equal texts in equal order and an equal specification give an equal one, in every process.

    Args:
        texts: the corpus, read several times in a stream: a list, or an object that opens its files anew each time it
            is iterated. Memory holds the different words, not the texts.
        spec: method, size and special tokens.
        where: dotted path of `spec`, for messages.
        progress: hears each reading.

    Returns:
        A tokenizer that cuts and pads nothing.

    Raises:
        SpecError: no such method; a vocabulary that is too small for the method, or larger than the texts allow, with
            the largest size that they do.
        DataError: there is no text, or no two different characters.
    """
    corpus = Corpus(texts, progress)
    tokenizer = TOKENIZERS.get(spec.method, where=f"{where}.method")(corpus, spec, where)
    size = tokenizer.get_vocab_size()
    characters = [character for character in corpus.characters if not character.isspace()]
    if len(characters) == 1:
        raise DataError(
            f"the texts hold only the character {characters[0]!r}: there is nothing to learn",
            where=where,
            expected=f"different characters; these texts give {size:,} tokens at most",
            hint="check which column holds the text",
        )
    if spec.vocabulary is not None and size < spec.vocabulary:
        raise SpecError(
            f"the texts give {size:,} tokens at most, not {spec.vocabulary:,}",
            where=f"{where}.vocabulary",
            expected=f"{size:,} or less",
            hint=f"set it to {size}, or train on more texts",
        )
    return tokenizer
