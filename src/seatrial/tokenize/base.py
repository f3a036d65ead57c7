"""What a way to train a tokenizer is given, and what it must give back. Refuses to know: any of the ways."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from seatrial.errors import DataError, SpecError
from seatrial.progress import Progress, silent
from seatrial.spec.tokenizer import TokenizerSpec

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer

__all__ = ["USUAL_VOCABULARY", "Corpus", "TokenizerMethod", "require_room", "wanted_size"]

USUAL_VOCABULARY = 8000
PROGRESS_EVERY = 1000


class TokenizerMethod(Protocol):
    """A way to train a tokenizer. Equal texts in equal order and an equal specification give an equal tokenizer."""

    def __call__(self, corpus: Corpus, spec: TokenizerSpec, where: str) -> Tokenizer:
        """Train.

        Args:
            corpus: the texts, which can be gone through several times.
            spec: what is wanted.
            where: dotted path of the specification, for messages.

        Returns:
            A tokenizer with at most as many tokens as are wanted: fewer where the texts do not give more.

        Raises:
            SpecError: so small a vocabulary cannot hold what the method needs.
        """


class Corpus:
    """Texts that are read several times, in a stream.

    Args:
        texts: gives the same texts each time it is iterated; an iterator would be used up after the first time.
        progress: hears each reading.
    """

    def __init__(self, texts: Iterable[str], progress: Progress = silent) -> None:
        if isinstance(texts, Iterator):
            raise TypeError("texts are read several times; give a list, or an object that opens them anew")
        self._texts = texts
        self.progress = progress
        self._count: int | None = None
        self.characters: Counter[str] = Counter()
        """How often each character occurs, as the last `count_characters` found."""

    def __iter__(self) -> Iterator[str]:
        return self._read("read texts")

    def count_characters(self, normalizer: Normalizer | None) -> Counter[str]:
        """How often each character occurs in the texts as `normalizer` gives them.

        Raises:
            DataError: there is none but white space.
        """
        self.characters = Counter()
        for text in self._read("count characters"):
            self.characters.update(text if normalizer is None else normalizer.normalize_str(text))
        if not "".join(self.characters).strip():
            raise DataError("there is no text to learn a tokenizer from", hint="check which column holds the text")
        return self.characters

    def covered(self, share: float) -> list[str]:
        """The most frequent characters that make up `share` of all occurrences, by code; white space is among them."""
        left = math.floor((1 - share) * self.characters.total() + 1e-9)
        kept = set(self.characters)
        for character, count in sorted(self.characters.items(), key=lambda item: (item[1], item[0])):
            if count > left:
                break
            left -= count
            kept.discard(character)
        return sorted(kept)

    def within(self, alphabet: Iterable[str], normalizer: Normalizer | None) -> Iterator[str]:
        """The texts as `normalizer` gives them, cut at the characters that are not in `alphabet`."""
        others = "".join(sorted(set(self.characters) - set(alphabet)))
        if not others:
            yield from self
            return
        other = re.compile(f"[{re.escape(others)}]+")
        for text in self:
            yield from filter(None, other.split(text if normalizer is None else normalizer.normalize_str(text)))

    def _read(self, what: str) -> Iterator[str]:
        done = 0
        for text in self._texts:
            yield text
            done += 1
            if done % PROGRESS_EVERY == 0:
                self.progress(what, done, self._count)
        self._count = done
        self.progress(what, done, done)


def wanted_size(spec: TokenizerSpec) -> int:
    """Tokens at most."""
    return USUAL_VOCABULARY if spec.vocabulary is None else spec.vocabulary


def require_room(size: int, needed: int, what: str, where: str) -> None:
    """Refuse a vocabulary that cannot hold what the method needs in any case.

    Raises:
        SpecError: naming the smallest size.
    """
    if size < needed:
        raise SpecError(
            f"{size:,} tokens are too few for {what}",
            where=f"{where}.vocabulary",
            expected=f"at least {needed:,}",
            hint="raise it, or lower coverage so that fewer characters get a token",
        )
