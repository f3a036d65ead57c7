"""Slips of the finger: a neighbouring key, two letters swapped, one left out, one twice.

The keys are those of a US keyboard, so Latin letters are mistyped; in other scripts neighbouring characters are
swapped, left out or doubled. Slips that Chinese input methods make (same sound, like shape) need data that is not here.
"""

from __future__ import annotations

from random import Random

from pydantic import Field

from seatrial.data.augment.base import AugmentMethod
from seatrial.data.augment.words import chosen, is_unspaced, replaced, word_spans

__all__ = ["NEAR_KEYS", "Typos"]

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
FEWEST_LETTERS = 4


def _near_keys() -> dict[str, str]:
    """Letter → the letters on the keys around it; each row is shifted by half a key to the right."""
    near: dict[str, str] = {}
    for number, row in enumerate(ROWS):
        for place, letter in enumerate(row):
            above = ROWS[number - 1][place : place + 2] if number else ""
            below = ROWS[number + 1][max(0, place - 1) : place + 1] if number + 1 < len(ROWS) else ""
            near[letter] = row[max(0, place - 1) : place] + row[place + 1 : place + 2] + above + below
    return near


NEAR_KEYS = _near_keys()


class Typos(AugmentMethod):
    """Some words of a text get one slip each; the first letter of a word stays."""

    rate: float = Field(default=0.1, gt=0, le=1)
    """Words with a slip, as a share of those of four letters or more; at least one."""

    def one(self, text: str, random: Random) -> str | None:
        """None for a text without a word of four letters (of two characters in scripts without spaces)."""
        if is_unspaced(text):
            spans = [span for span in word_spans(text) if span[1] - span[0] > 1]
        else:
            spans = [span for span in word_spans(text) if span[1] - span[0] >= FEWEST_LETTERS]
        if not spans:
            return None
        return replaced(text, [(span, _slip(text[slice(*span)], random)) for span in chosen(spans, self.rate, random)])


def _slip(word: str, random: Random) -> str:
    place = random.randrange(1, len(word))
    kind = random.choice(("key", "swap", "drop", "double"))
    letter = word[place]
    near = NEAR_KEYS.get(letter.lower())
    if kind == "key" and near:
        new = random.choice(near)
        return word[:place] + (new.upper() if letter.isupper() else new) + word[place + 1 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    before = max(1, place - 1) if len(word) > 2 else 0  # the first letter stays where there are others to swap
    after = before + 1
    if kind == "double" or word[before] == word[after]:
        return word[:place] + letter + word[place:]
    return word[:before] + word[after] + word[before] + word[after + 1 :]
