"""Texts as sets of overlapping pieces: word 3-grams, or character 3-grams in scripts that put no spaces.

Pieces are 32-bit hashes, the same in every process and on every machine. Many texts are hashed at once, as arrays over
all their characters: a call per piece would cost more than all the rest of the search. Refuses to know: what is alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.dedupe.exact import normalized

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Shingles", "mixed", "shingle_sets", "shingles"]

SIZE = 3
OTHER, LETTER, UNSPACED_LETTER = 0, 1, 2
# Thai, Lao, Myanmar, Khmer; kana; Han. Korean puts spaces.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
CHUNK_CHARS = 1 << 17
"""Characters hashed at a time: about 5 MB of arrays, whatever the number of texts."""
PLACE = np.uint64(0x9E3779B97F4A7C15)
FACTORS = tuple(np.uint64(odd) for odd in (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB))
SALT = np.uint64(0x589965CC75374CC3)
"""Sets a character of an unspaced script apart from a word of one letter."""


@dataclass(frozen=True, slots=True)
class Shingles:
    """The shingle sets of n texts, one after the other.

    Attributes:
        values: 32-bit hashes; distinct and ascending within each text.
        starts: [n + 1]; the set of text i is `values[starts[i]:starts[i + 1]]`, and no set is empty.
    """

    values: NDArray[np.uint32]
    starts: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Shingles of each text, ≥ 1."""
        return np.diff(self.starts)

    def sizes_of(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Shingles of some texts, without a look at the others."""
        return self.starts[texts + 1] - self.starts[texts]


def shingles(text: str) -> NDArray[np.uint32]:
    """The distinct shingles of one text in ascending order; see `shingle_sets`."""
    return shingle_sets([normalized(text)]).values


def shingle_sets(texts: Sequence[str]) -> Shingles:
    """The distinct shingles of each text.

    A text of fewer than three words is one shingle; a text without any word (emoji only) stands for itself.

    Args:
        texts: as `normalized` gives them: without line breaks.
    """
    values: list[NDArray[np.uint32]] = []
    sizes: list[NDArray[np.int64]] = []
    start = chars = 0
    for place, text in enumerate(texts):
        chars += len(text) + 1
        if chars >= CHUNK_CHARS or place == len(texts) - 1:
            found, counts = _chunk(texts[start : place + 1])
            values.append(found)
            sizes.append(counts)
            start, chars = place + 1, 0
    if not sizes:
        return Shingles(np.empty(0, np.uint32), np.zeros(1, np.int64))
    starts = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
    return Shingles(np.concatenate(values), starts.astype(np.int64))


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number scrambled, in place, so that any change of its bits changes about half of the result's.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def _chunk(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Distinct shingles of all texts of a chunk, and how many each has."""
    tokens, texts_of = _tokens(texts)
    counts = np.bincount(texts_of, minlength=len(texts))
    pieces, owners = _pieces(tokens, texts_of, counts)
    wordless = np.flatnonzero(counts == 0)
    if len(wordless):
        digests = (hashlib.blake2b(texts[place].encode(), digest_size=8).digest() for place in wordless.tolist())
        alone = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
        pieces, owners = np.concatenate([pieces, alone]), np.concatenate([owners, wordless])
    keys = owners.astype(np.uint64) << np.uint64(32) | pieces >> np.uint64(32)
    keys.sort()
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
    sizes = np.bincount((keys >> np.uint64(32)).astype(np.intp), minlength=len(texts))
    return keys.astype(np.uint32), sizes.astype(np.int64)


def _tokens(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """The hash of each word (of each letter in an unspaced text), and the text that it stands in."""
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kinds = _kinds()[codes]
    places = np.flatnonzero(kinds)  # of letters
    breaks = np.flatnonzero(codes == ord("\n"))
    letters_before = np.searchsorted(places, np.concatenate((breaks, [len(codes)])))
    letters = np.diff(letters_before, prepend=0)  # of each text
    owners = np.repeat(np.arange(len(texts)), letters)
    unspaced = np.bincount(owners[kinds[places] == UNSPACED_LETTER], minlength=len(texts))
    by_letter = 2 * unspaced > letters
    begins = np.empty(len(places), dtype=bool)
    begins[:1] = True
    np.not_equal(places[1:], places[:-1] + 1, out=begins[1:])
    if by_letter.any():
        begins |= by_letter[owners]
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(places))
    # A sum of hashes of (letter, place in its word) takes any length at once; a polynomial modulo 2^64 would be as
    # fast, and is easily made to collide.
    within = np.arange(len(places), dtype=np.uint64) - np.repeat(first, lengths).astype(np.uint64)
    within *= PLACE
    within += codes[places]
    hashes = np.add.reduceat(mixed(within), first) if len(first) else np.empty(0, np.uint64)
    texts_of = owners[first]
    hashes[by_letter[texts_of]] ^= SALT
    return mixed(hashes), texts_of


def _pieces(
    tokens: NDArray[np.uint64], texts_of: NDArray[np.intp], counts: NDArray[np.intp]
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Each run of three tokens of a text; of a shorter text, all its tokens. Not yet distinct."""
    following = np.zeros((SIZE - 1, len(tokens)), np.uint64)
    within = np.zeros((SIZE - 1, len(tokens)), dtype=bool)
    for ahead in range(1, min(SIZE, len(tokens))):
        np.equal(texts_of[ahead:], texts_of[:-ahead], out=within[ahead - 1, :-ahead])
        following[ahead - 1, :-ahead] = np.where(within[ahead - 1, :-ahead], tokens[ahead:], np.uint64(0))
    firsts = np.ones(len(tokens), dtype=bool)
    firsts[1:] = texts_of[1:] != texts_of[:-1]
    chosen = np.flatnonzero(within[-1] | firsts & (counts < SIZE)[texts_of])
    pieces = tokens[chosen] * FACTORS[0]
    for factor, others in zip(FACTORS[1:], following, strict=True):
        pieces += others[chosen] * factor
    return mixed(pieces), texts_of[chosen]


@cache
def _kinds() -> NDArray[np.uint8]:
    """For each code point: part of no word, of a word, or of a word in a script without spaces."""
    everything = "".join(map(chr, range(0x110000)))
    kinds = np.zeros(len(everything), np.uint8)
    for match in re.finditer(r"\w+", everything):
        kinds[match.start() : match.end()] = LETTER
    for match in re.finditer(f"(?:{UNSPACED.pattern})+", everything):
        kinds[match.start() : match.end()] *= UNSPACED_LETTER
    return kinds
