"""Phrases within texts: whole words in scripts with spaces, any characters in a row in those without.

Case and width do not count. Where two phrases begin at the same place the longer one is taken, and a character is part
of one phrase only: in "not good" the phrase "not good" is found and "good" is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

__all__ = ["Phrases", "tokens"]

T = TypeVar("T")

NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, Myanmar, Khmer, kana and Han: words are not set apart, so each character stands for itself."""
TOKEN = re.compile(rf"[{NO_SPACES}]|[^\W{NO_SPACES}]+(?:['’][^\W{NO_SPACES}]+)*|[^\w\s]")


def tokens(text: str) -> list[str]:
    """The words, single signs and characters that phrases are made of."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))


class Phrases(Generic[T]):
    """Phrases with a value each.

    Args:
        phrases: phrase → value. Of phrases that differ in case only, the last one counts.
    """

    def __init__(self, phrases: Mapping[str, T] | Iterable[tuple[str, T]]) -> None:
        pairs = phrases.items() if isinstance(phrases, Mapping) else phrases
        self._values = {key: value for phrase, value in pairs if (key := tuple(tokens(phrase)))}
        self._longest = max(map(len, self._values), default=0)
        self._starts: dict[str, int] = {}
        for key in self._values:
            self._starts[key[0]] = max(self._starts.get(key[0], 0), len(key))

    def __len__(self) -> int:
        return len(self._values)

    def found(self, text: str) -> Iterator[T]:
        """The values of the phrases in a text, in order, each as often as it occurs."""
        words = tokens(text)
        place = 0
        while place < len(words):
            for length in range(min(self._starts.get(words[place], 0), len(words) - place), 0, -1):
                key = tuple(words[place : place + length])
                if key in self._values:
                    yield self._values[key]
                    place += length
                    break
            else:
                place += 1
