"""How well tokenizers suit texts: how many tokens they make of them, what they cannot read, what they never use.

Fewer tokens per word mean shorter inputs, more text in a model's context and less work for each text; many of them say
that the tokenizer was made for other texts. Refuses to know: where tokenizers and texts come from.

Source: Rust et al. 2021, "How Good is Your Tokenizer?", §3; Petrov et al. 2023, "Language Model Tokenizers Introduce
Unfairness Between Languages", §3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from seatrial.errors import DataError
from seatrial.progress import Progress, silent
from seatrial.records import Report
from seatrial.tokenize.special import BYTES, unknown_id

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

__all__ = ["ALL", "measure_tokenizers"]

ALL = "all"
"""The slice that holds every text."""
BATCH = 256
MOST_SLICES = 200
OTHER = "(others)"
LONGEST = 10


def measure_tokenizers(
    tokenizers: Mapping[str, Tokenizer],
    items: Iterable[tuple[str, str]],
    *,
    count_words: Callable[[str], int],
    progress: Progress = silent,
) -> Report:
    """Read texts with each tokenizer and compare.

    Args:
        tokenizers: name → tokenizer that neither cuts nor pads.
        items: (slice, text) pairs, read once; the slice is a language, a source, or whatever shall be compared.
        count_words: text → how many words it has.
        progress: hears the texts.

    Returns:
        A report with the tables `texts` {slice, texts, words, characters, bytes}, `tokenizers` {tokenizer, slice,
        tokens, tokens_per_word, tokens_per_character, bytes_per_token, unknown, unread, as_bytes, single, used} and
        `longest` {tokenizer, token, characters, count}. `unknown` is the share of tokens that stand for something
        unknown, `unread` the share of the characters behind them, `as_bytes` the share of tokens that are single bytes
        of a character, `single` the share of words, cut at spaces, that are one known token, and `used` the share of
        the vocabulary that occurred.

    Raises:
        DataError: there is no text.
    """
    found = {name: _Read(tokenizer) for name, tokenizer in tokenizers.items()}
    sizes: dict[str, Counter[str]] = {}
    done = 0
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        names: list[str] = []
        texts = [text for _, text in batch]
        for part, text in batch:
            name = part if part in sizes or len(sizes) <= MOST_SLICES else OTHER
            names.append(name)
            size = {"texts": 1, "words": count_words(text), "characters": len(text), "bytes": len(text.encode())}
            for counted in {name, ALL}:
                sizes.setdefault(counted, Counter()).update(size)
        for read in found.values():
            read.add(names, texts)
        done += len(batch)
        progress("texts", done)
    progress("texts", done, done)
    if not sizes or not sizes[ALL]["characters"]:
        raise DataError("there is no text in it", where="texts", hint="check which column holds the text")
    parts = [ALL, *sorted(part for part in sizes if part != ALL)] if len(sizes) > 2 else [ALL]
    return Report(
        stage="tokenizers",
        tables={
            "texts": [{"slice": part, **sizes[part]} for part in parts],
            "tokenizers": [
                {"tokenizer": name, "slice": part, **read.row(part, sizes[part])}
                for part in parts
                for name, read in found.items()
            ],
            "longest": [{"tokenizer": name, **row} for name, read in found.items() for row in read.longest()],
        },
        facts={
            "texts": done,
            "vocabulary": {name: len(read.vocabulary) for name, read in found.items()},
        },
    )


@dataclass
class _Read:
    """What one tokenizer has made of the texts so far, by slice."""

    tokenizer: Tokenizer
    vocabulary: dict[str, int] = field(init=False)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    used: dict[str, Counter[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vocabulary = self.tokenizer.get_vocab(with_added_tokens=True)
        added = self.tokenizer.get_added_tokens_decoder()
        self.special = {number for number, token in added.items() if token.special}
        self.unknown = unknown_id(self.tokenizer)
        self.bytes = {self.vocabulary[token] for token in BYTES if token in self.vocabulary}

    def add(self, parts: Sequence[str], texts: Sequence[str]) -> None:
        """Count further texts."""
        encodings = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for part, text, encoding in zip(parts, texts, encodings, strict=True):
            figures = self._figures(text, encoding)
            for name in {part, ALL}:
                self.counts.setdefault(name, Counter()).update(figures)
                self.used.setdefault(name, Counter()).update(encoding.ids)

    def _figures(self, text: str, encoding: Encoding) -> dict[str, int]:
        ids = encoding.ids
        unread = unknown = 0
        starts = {0, *(place + 1 for place, character in enumerate(text) if character.isspace())}
        ends = {place for place, character in enumerate(text) if character.isspace()} | {len(text)}
        single = 0
        for number, (start, stop) in zip(ids, encoding.offsets, strict=True):
            if number == self.unknown:
                unknown += 1
                unread += stop - start
            if number == self.unknown or number in self.bytes:  # bytes all have the place of what they stand for
                continue
            first = start + (stop > start and text[start].isspace())  # a token may hold the space before its word
            single += first < stop and first in starts and stop in ends
        return {
            "tokens": len(ids),
            "unknown": unknown,
            "unread": unread,
            "as_bytes": sum(number in self.bytes for number in ids) if self.bytes else 0,
            "single": single,
            "spaced": len(text.split()),
        }

    def row(self, part: str, size: Mapping[str, int]) -> dict[str, Any]:
        """The figures of a slice; None where there is nothing to divide by."""
        counts = self.counts[part]
        tokens = counts["tokens"]
        usable = len(self.vocabulary) - len(self.special)
        return {
            "tokens": tokens,
            "tokens_per_word": _ratio(tokens, size["words"]),
            "tokens_per_character": _ratio(tokens, size["characters"]),
            "bytes_per_token": _ratio(size["bytes"], tokens),
            "unknown": _ratio(counts["unknown"], tokens),
            "unread": _ratio(counts["unread"], size["characters"]),
            "as_bytes": _ratio(counts["as_bytes"], tokens),
            "single": _ratio(counts["single"], counts["spaced"]),
            "used": _ratio(len(self.used[part].keys() - self.special), usable),
        }

    def longest(self) -> Iterator[dict[str, Any]]:
        """The longest tokens that occurred, as they read."""
        decoded = ((self.tokenizer.decode([number]), number) for number in self.used[ALL].keys() - self.special)
        ordered = sorted(decoded, key=lambda item: (-len(item[0].strip()), item[1]))
        for text, number in ordered[:LONGEST]:
            yield {"token": text, "characters": len(text.strip()), "count": self.used[ALL][number]}


def _ratio(above: int, below: int) -> float | None:
    return above / below if below else None
