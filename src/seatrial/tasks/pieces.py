"""A text → the pieces that are tagged: words, single characters of scripts without spaces, and signs.

The same for every tokenizer and every language, so that two models are compared on the same pieces. Marks and signs
without width belong to the piece before them. Refuses to know: tokenizers, tags.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["pieces"]

SPACE, WORD, ALONE, MARK = range(4)
JOINER = "\u200d"
ALONE_SCRIPTS = ("CJK ", "HIRAGANA ", "KATAKANA ", "BOPOMOFO ")
"""How the Unicode names of letters of scripts without spaces begin."""
SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


def pieces(text: str) -> list[tuple[int, int]]:
    """First position and the position after the last of each piece, in order; spaces are in none.

    A run of letters and digits is one piece; every other character is one by itself, and so is each Han character and
    each kana. What an emoji is joined of is one piece.
    """
    found: list[tuple[int, int]] = []
    last = SPACE
    for place, character in enumerate(text):
        kind = _kind(character)
        if kind == MARK:
            if last != SPACE:
                found[-1] = (found[-1][0], place + 1)
            continue
        grows = (kind == WORD and last == WORD) or (kind == ALONE and last == ALONE and text[place - 1] == JOINER)
        if grows:
            found[-1] = (found[-1][0], place + 1)
        elif kind != SPACE:
            found.append((place, place + 1))
        last = kind
    return found


@lru_cache(maxsize=1 << 16)
def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf" or SKIN_TONES[0] <= character <= SKIN_TONES[1]:
        return MARK
    if category[0] == "Z" or category == "Cc" or character.isspace():
        return SPACE
    if category[0] not in "LN":
        return ALONE
    return ALONE if unicodedata.name(character, "").startswith(ALONE_SCRIPTS) else WORD
