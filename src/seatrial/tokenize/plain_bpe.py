"""Byte-pair encoding written out, to be read: training, encoding and decoding on bytes.

A text is cut into words, a word is its bytes, and each byte is a token. Training joins, again and again, the two tokens
that stand side by side most often. Encoding does the same joins in the same order. That is all; the tokenizers library
does it faster, and `tests/tokenize/test_plain_bpe.py` holds this file to its results.

Source: Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units", algorithm 1.
"""

from __future__ import annotations

import operator
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple, Self, TypeVar

__all__ = ["BYTE_ORDER", "PRINTABLE", "Merge", "PlainBpe", "learn_merges", "split_words"]

Piece = TypeVar("Piece", bytes, str)
Pair = tuple[int, int]

WORD = re.compile(r" ?\w+| ?[^\w\s]+|\s+")
PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTE_ORDER = [*PRINTABLE, *(byte for byte in range(256) if byte not in PRINTABLE)]
"""Token number → byte. Any order would do. This is GPT-2's, which the library has too: when two pairs are equally
frequent, the one with the lower numbers is joined first, so that equal numbers give equal merges."""


def split_words(text: str) -> list[str]:
    """Words with the space before them, runs of punctuation, runs of white space; together they are the text."""
    return WORD.findall(text)


class Merge(NamedTuple):
    """Two neighbouring tokens, the token that they become, and how often they stood together then."""

    pair: Pair
    token: int
    times: int


@dataclass(frozen=True, slots=True)
class PlainBpe:
    """A trained tokenizer.

    Attributes:
        tokens: token number → its bytes.
        merges: two neighbouring tokens → the token that they become; in the order in which they were learned.
        split: text → words, which no token reaches beyond.
    """

    tokens: tuple[bytes, ...]
    merges: Mapping[Pair, int]
    split: Callable[[str], list[str]] = split_words

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        size: int,
        *,
        min_frequency: int = 2,
        split: Callable[[str], list[str]] = split_words,
    ) -> Self:
        """Learn from texts.

        Args:
            texts: read once.
            size: tokens at most, from 256.
            min_frequency: a pair must occur so often to be joined.
            split: text → words.
        """
        number_of = {byte: number for number, byte in enumerate(BYTE_ORDER)}
        words: Counter[tuple[int, ...]] = Counter()
        for text in texts:
            words.update(tuple(number_of[byte] for byte in word.encode()) for word in split(text))
        tokens = [bytes([byte]) for byte in BYTE_ORDER]
        merges = learn_merges(words, tokens, size=size, min_frequency=min_frequency)
        return cls(tuple(tokens), {merge.pair: merge.token for merge in merges}, split)

    def encode(self, text: str) -> list[int]:
        """Token numbers of a text."""
        number_of = {byte: number for number, byte in enumerate(BYTE_ORDER)}
        rank = {pair: order for order, pair in enumerate(self.merges)}
        never = len(rank)
        ids: list[int] = []
        for word in self.split(text):
            parts = [number_of[byte] for byte in word.encode()]
            while len(parts) > 1:
                # The join that was learned first, and of several the leftmost.
                at = min(range(len(parts) - 1), key=lambda i: rank.get((parts[i], parts[i + 1]), never))
                joined = self.merges.get((parts[at], parts[at + 1]))
                if joined is None:
                    break
                parts[at : at + 2] = [joined]
            ids += parts
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token numbers; bytes that are no text become U+FFFD."""
        return b"".join(self.tokens[number] for number in ids).decode("utf-8", errors="replace")


def learn_merges(
    words: Mapping[tuple[int, ...], int],
    tokens: list[Piece],
    *,
    size: int,
    min_frequency: int,
    join: Callable[[Piece, Piece], Piece] = operator.add,
) -> list[Merge]:
    """Join the most frequent pair until there are `size` tokens or no pair is frequent.

    Args:
        words: token numbers of a word → how often it occurs.
        tokens: token number → what it stands for; new tokens are appended.
        size: tokens at most.
        min_frequency: a pair must occur so often.
        join: what two tokens stand for together.

    Returns:
        The joins in order.
    """
    corpus = _Words(words)
    number_of = {token: number for number, token in enumerate(tokens)}
    queue = [(-count, pair) for pair, count in corpus.frequency.items()]  # the most frequent, then the lowest numbers
    heapify(queue)
    merges: list[Merge] = []
    while queue and len(tokens) < size:
        count, pair = heappop(queue)
        if -count != corpus.frequency[pair]:
            continue  # an old count; the present one is in the queue too
        if -count < max(1, min_frequency):
            break
        whole = join(tokens[pair[0]], tokens[pair[1]])
        joined = number_of.setdefault(whole, len(tokens))
        if joined == len(tokens):
            tokens.append(whole)
        merges.append(Merge(pair, joined, -count))
        for changed in corpus.join(pair, joined):
            heappush(queue, (-corpus.frequency[changed], changed))
    return merges


class _Words:
    """Words as tokens, how often each pair of neighbours occurs in them, and in which words."""

    def __init__(self, words: Mapping[tuple[int, ...], int]) -> None:
        self.spelled = [list(word) for word in words]
        self.counts = list(words.values())
        self.frequency: Counter[Pair] = Counter()
        self.places: defaultdict[Pair, set[int]] = defaultdict(set)  # words that hold a pair, or once held it
        for index, parts in enumerate(self.spelled):
            for pair in pairwise(parts):
                self._add(pair, index, 1)

    def join(self, pair: Pair, joined: int) -> list[Pair]:
        """Replace a pair everywhere, from the left; the pairs with another frequency than before, if above zero.

        Only the neighbours of what is joined are counted anew, because a word may be a long clause of Chinese.
        """
        left, right = pair
        changed: set[Pair] = set()
        for index in self.places.pop(pair):
            parts = self.spelled[index]
            at = 0
            while (at := _index(parts, left, at)) < len(parts) - 1:
                if parts[at + 1] == right:
                    changed |= self._replace(index, at, joined)
                at += 1
        return [neighbours for neighbours in changed if self.frequency[neighbours] > 0]

    def _replace(self, index: int, at: int, joined: int) -> set[Pair]:
        """Join the tokens at `at` and `at + 1` of a word; the pairs that this touched."""
        parts = self.spelled[index]
        before, (left, right), after = parts[max(0, at - 1) : at], parts[at : at + 2], parts[at + 2 : at + 3]
        gone = [(left, right), *((token, left) for token in before), *((right, token) for token in after)]
        come = [*((token, joined) for token in before), *((joined, token) for token in after)]
        for touched in gone:
            self._add(touched, index, -1)
        for touched in come:
            self._add(touched, index, 1)
        parts[at : at + 2] = [joined]
        return {*gone, *come}

    def _add(self, pair: Pair, index: int, sign: int) -> None:
        self.frequency[pair] += sign * self.counts[index]
        if sign > 0:
            self.places[pair].add(index)


def _index(parts: list[int], token: int, at: int) -> int:
    """Where the token is, from `at` on; the length where it is not."""
    try:
        return parts.index(token, at)
    except ValueError:
        return len(parts)
