"""Texts → token ids, through a folder's `tokenizer.json`. Refuses to know models and torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from seatrial.errors import ResolveError

__all__ = ["TOKENIZER", "encode", "load_tokenizer"]

TOKENIZER = "tokenizer.json"


def load_tokenizer(folder: Path, max_length: int | None, *, where: str = "model.base") -> Tokenizer:
    """The folder's tokenizer, set to cut at `max_length` and to pad nothing.

    A shipped `tokenizer.json` often holds a truncation and a padding of its own (all-MiniLM-L6-v2 pads every text to
    128 tokens); both are replaced.

    Args:
        folder: holds `tokenizer.json`.
        max_length: tokens, special tokens included; None cuts nothing.
        where: what named the folder, for messages.

    Raises:
        ResolveError: no such file, or one that the library cannot read.
    """
    path = folder / TOKENIZER
    if not path.is_file():
        raise ResolveError(f"there is no {TOKENIZER} in {folder}", where=where)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception for every broken file
        raise ResolveError(f"cannot read {path}: {error}", where=where) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if max_length is not None:
        tokenizer.enable_truncation(max_length)
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, special tokens included, in the order of `texts`."""
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
