"""Words with tags: columns of words as in the CoNLL tasks, one word per line, and words with their tags on one line.

A record is a sentence: one list per column. What the tags mean is `data.tags`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.lines import text_lines
from seatrial.spec.data import Place

__all__ = ["read_conll", "read_tagged_words"]

DOCUMENT = "-DOCSTART-"
SIGN = "#"
TAG_OF_SPAN = re.compile(r"O|[BIELMSU]-\S+")
TAGS_OF_SIGN = frozenset({"#", "NN", "NNP", "NOUN", "PU", "PUNCT", "SYM", "X", "XY"})
"""What parts of speech the sign itself has in the tag sets in use (Penn, Universal, Chinese, Stuttgart)."""
MOST_TAGS = 1000
UNIVERSAL = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""The ten columns of CoNLL-U, whose rows for what is written as one word (`1-2`) or not at all (`1.1`) are no words."""


def read_conll(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per sentence; a `Reader`.

    Sentences are parted by empty lines, columns by tabs where a line has any, else by spaces. Lines that begin with
    ``-DOCSTART-`` are left out, and before a sentence those that begin with ``# ``; not so ``# O``, ``# B-X`` and
    ``# NN``, a sentence whose first word is the sign: such a line has as many columns as the next one, and a tag at the
    end. Columns are called as
    `header` says; else as in CoNLL-U where there are ten, else the first is `tokens`, the last `tags` and those between
    `column_2`, `column_3` and so on.
    """
    sentence = _Sentence(place, max_row_bytes)
    for line in text_lines(stream, name, place.encoding, max_row_bytes):
        if isinstance(line, BadRecord):
            sentence.broken = sentence.broken or line
        elif line[1].strip():
            sentence.take(*line)
        elif (found := sentence.end()) is not None:
            yield found
    if (found := sentence.end()) is not None:
        yield found


class _Sentence:
    """The lines of one sentence after the other."""

    def __init__(self, place: Place, max_row_bytes: int) -> None:
        self._place, self._most = place, max_row_bytes
        self._rows: list[list[str]] = []
        self._first = self._size = 0
        self._opening: tuple[int, list[str]] | None = None  # a comment, or the sign as the first word
        self._tags: set[str] = set()  # of the sentences so far
        self.broken: BadRecord | None = None

    def take(self, number: int, text: str) -> None:
        """One more line, which is not blank."""
        cells = text.split(self._place.delimiter or ("\t" if "\t" in text else None))
        if self._opening is not None:
            self._settle_opening(cells)
        if cells[0] == DOCUMENT or text.rstrip() == SIGN:
            return
        if not self._rows and cells[0] == SIGN and "\t" not in text:
            self._opening = (number, cells)
        elif self._rows or not text.startswith(f"{SIGN} "):
            self._add(number, cells, text)

    def end(self) -> Record | BadRecord | None:
        """What the lines since the last end come to; None where there are none."""
        if self._opening is not None:
            self._settle_opening(None)
        rows, broken = self._rows, self.broken
        self._rows, self._size, self.broken = [], 0, None
        if broken or not rows:
            return broken
        if len(self._tags) < MOST_TAGS:
            self._tags.update(row[-1] for row in rows)
        return _sentence(rows, self._first, self._place)

    def _settle_opening(self, following: list[str] | None) -> None:
        """Whether the line that began with the sign was a word; `following` is the next line, None for no more."""
        assert self._opening is not None
        number, cells = self._opening
        self._opening = None
        tag = cells[-1]
        tagged = TAG_OF_SPAN.fullmatch(tag) or tag in TAGS_OF_SIGN or tag in self._tags
        if len(cells) > 1 and tagged and (following is None or len(following) == len(cells)):
            self._add(number, cells, " ".join(cells))

    def _add(self, number: int, cells: list[str], text: str) -> None:
        if not self._rows:
            self._first = number
        self._size += len(text)
        if self._size > self._most:
            self._rows = self._rows[:1]  # a file without empty lines is not held in memory
            reason, hint = f"a sentence longer than {self._most:,} characters", "put an empty line after each"
            self.broken = self.broken or BadRecord(self._first, reason, text[:200], hint)
            return
        if self._rows and len(cells) != len(self._rows[0]):
            self.broken = self.broken or BadRecord(number, "another number of columns than the line before", text[:200])
        self._rows.append(cells)


def _sentence(rows: Sequence[Sequence[str]], first: int, place: Place) -> Record | BadRecord:
    """The columns of a sentence by name."""
    names = _names(len(rows[0]), place.header)
    if names is None:
        return BadRecord(first, "another number of columns than names in header", " ".join(rows[0])[:200])
    kept = [row for row in rows if row[0].isdecimal()] if tuple(names) == UNIVERSAL else rows
    return Record(first, {name: [row[column] for row in kept] for column, name in enumerate(names)})


def _names(columns: int, header: Sequence[str] | None) -> Sequence[str] | None:
    if header is not None:
        return header if len(header) == columns else None
    if columns == len(UNIVERSAL):
        return UNIVERSAL
    between = [f"column_{number}" for number in range(2, columns)]
    return ["tokens", *between, "tags"] if columns > 1 else ["tokens"]


def read_tagged_words(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per line of ``word/tag word/tag …`` that is not blank; a `Reader`.

    Columns: `tokens` and `tags`; and, as in the corpus of the People's Daily, where ``[word/tag word/tag]tag`` marks a
    name of several words, `outer_tokens` and `outer_tags`, in which such a name is one word with the tag behind the
    bracket. Words of a name are joined without spaces there.
    """
    for line in text_lines(stream, name, place.encoding, max_row_bytes):
        if isinstance(line, BadRecord):
            yield line
            continue
        number, text = line
        if text.strip():
            yield _tagged(number, text.split())


def _tagged(number: int, items: Sequence[str]) -> Record | BadRecord:
    inner: list[tuple[str, str]] = []
    outer: list[tuple[str, str]] = []
    opened: int | None = None
    for item in items:
        opens = item.startswith("[") and not item.startswith("[/")
        if opens:
            opened = len(inner)
        word, slash, end = item[opens:].rpartition("/")
        tag, bracket, outer_tag = end.partition("]")
        if not slash or not word or not tag:
            return BadRecord(number, "a word without a tag", item[:200], "write each word as word/tag")
        inner.append((word, tag))
        if bracket and opened is not None:
            outer.append(("".join(part for part, _ in inner[opened:]), outer_tag))
            opened = None
        elif opened is None:
            outer.append((word, tag))
    if opened is not None:
        outer += inner[opened:]
    tables = {"": inner, "outer_": outer}
    return Record(
        number,
        {
            f"{kind}{column}": [pair[place] for pair in pairs]
            for kind, pairs in tables.items()
            for place, column in enumerate(("tokens", "tags"))
        },
    )
