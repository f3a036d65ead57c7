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
COMMENT = "# "
TAGGED_SIGN = re.compile(r"#\s+(?:.*\s)?(?:O|[BIELMSU]-\S+)\s*")
"""A sentence may begin with the sign itself, tagged like any word; no comment ends so."""
UNIVERSAL = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""The ten columns of CoNLL-U, whose rows for what is written as one word (`1-2`) or not at all (`1.1`) are no words."""


def read_conll(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per sentence; a `Reader`.

    Sentences are parted by empty lines, columns by tabs where a line has any, else by spaces. Lines that begin with
    ``-DOCSTART-`` or ``# `` are left out; not so ``# O`` and ``# B-X``, a sign with a tag. Columns are called as
    `header` says; else as in CoNLL-U where there are ten, else the first is `tokens`, the last `tags` and those between
    `column_2`, `column_3` and so on.
    """
    rows: list[list[str]] = []
    first = size = 0
    broken: BadRecord | None = None
    for line in text_lines(stream, name, place.encoding, max_row_bytes):
        if isinstance(line, BadRecord):
            broken = broken or line
            continue
        number, text = line
        if not text.strip():
            if rows or broken:
                yield broken or _sentence(rows, first, place)
            rows, size, broken = [], 0, None
            continue
        cells = text.split(place.delimiter or ("\t" if "\t" in text else None))
        if not rows:
            first = number
        comment = text.startswith(COMMENT) and not rows and not TAGGED_SIGN.fullmatch(text)
        if cells[0] == DOCUMENT or comment or text.rstrip() == COMMENT.strip():
            continue
        size += len(text)
        if size > max_row_bytes:
            shown, rows = text[:200], rows[:1]  # a file without empty lines is not held in memory
            broken = broken or BadRecord(
                first, f"a sentence longer than {max_row_bytes:,} characters", shown, "put an empty line after each"
            )
            continue
        if rows and len(cells) != len(rows[0]):
            broken = broken or BadRecord(number, "another number of columns than the line before", text[:200])
        rows.append(cells)
    if rows or broken:
        yield broken or _sentence(rows, first, place)


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
