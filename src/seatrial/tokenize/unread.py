"""A tokenizer and texts → the characters that it cannot read, or reads only byte by byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.tokenize.special import BYTES, unknown_id

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["byte_ids", "unread_characters"]

LEAST_OCCURRENCES = 2
TEXTS_AT_ONCE = 1000


def byte_ids(tokenizer: Tokenizer) -> dict[int, int]:
    """Byte → token, where the tokenizer reads unknown characters as bytes; empty for others, byte-level ones too."""
    if not getattr(tokenizer.model, "byte_fallback", tokenizer.token_to_id(BYTES[0]) is not None):
        return {}
    found = {byte: tokenizer.token_to_id(token) for byte, token in enumerate(BYTES)}
    return {byte: number for byte, number in found.items() if number is not None}


def unread_characters(tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, int]:
    """The characters and how often they occur; those that occur once are left out.

    Args:
        tokenizer: cuts and pads nothing.
        texts: to look through.

    Returns:
        The most frequent first; of equally frequent ones the lowest code.
    """
    lost = {*byte_ids(tokenizer).values(), unknown_id(tokenizer)}
    if lost == {None}:
        return {}
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        some = list(texts[start : start + TEXTS_AT_ONCE])
        for text, encoding in zip(some, tokenizer.encode_batch(some), strict=True):
            places = {place for number, place in zip(encoding.ids, encoding.offsets, strict=True) if number in lost}
            for first, stop in places:  # a set, since the bytes of a character all have its place
                part = text[first:stop]
                counts.update(tokenizer.normalizer.normalize_str(part) if tokenizer.normalizer else part)
    known = tokenizer.get_vocab()
    found = [
        (-count, character)
        for character, count in counts.items()
        if count >= LEAST_OCCURRENCES and character not in known and not character.isspace()
    ]
    return {character: -count for count, character in sorted(found)}
