"""Rows of files → what the search needs of each, in arrays: one pass, several processes, no text held in memory.

Rows that cannot be read and rows without a text take no part. Refuses to know: what is a copy, what becomes of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from seatrial.data.annotate.votes import as_label
from seatrial.data.cells import cell_text
from seatrial.data.dedupe.keep import NO_LABEL, Keep
from seatrial.data.dedupe.minhash import rows_per_band
from seatrial.data.dedupe.sketch import Sketch, SketchStore, sketch
from seatrial.data.flow.tables import Table
from seatrial.data.flow.workers import ordered_map
from seatrial.data.sources.base import BadRow
from seatrial.data.usable import BadRows, readable_rows, usable_rows
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Row

__all__ = ["Corpus", "Search", "chunked", "read_corpus", "rows_of", "text_of"]

CHUNK = 1000
CHUNK_CHARS = 1 << 20
FEW_CHUNKS = 20
"""So little is done before other processes have started."""
PROGRESS_ROWS = 10_000
NAMED = 10


@dataclass(frozen=True, slots=True)
class Search:
    """What is compared, and what shall become of copies.

    Attributes:
        text: the column that is compared.
        label: the column that ``keep="majority"`` counts, or None.
        split: a column that says train, validation or test, or None: then every file is a part of its own.
        exact: whether texts that are the same but for case, width and spaces are copies.
        near: Jaccard similarity of word 3-grams (character 3-grams in scripts without spaces) from which texts are near
            copies, or None.
        semantic: cosine of the texts' vectors from which they are semantic copies, or None.
        keep: which member of a cluster stays.
        protect: parts (values of `split`, else names of files) whose rows stay whatever the rule says.
        max_bad_rows: more rows than this that cannot be read stop the work.
    """

    text: str = "text"
    label: str | None = None
    split: str | None = None
    exact: bool = True
    near: float | None = 0.8
    semantic: float | None = None
    keep: Keep = "first"
    protect: Collection[str] = ()
    max_bad_rows: int = 100

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that every row must have."""
        return tuple(name for name in (self.text, self.label, self.split) if name is not None)

    @property
    def rows(self) -> int | None:
        """Hashes per band, or None where near copies are not asked for."""
        return None if self.near is None else rows_per_band(self.near)


@dataclass(slots=True)
class Corpus:
    """Of each readable row, in order.

    Attributes:
        lengths: characters of its text; 0 where there is none, and such a row is compared with no other.
        labels: its label's number, `NO_LABEL` where it has none.
        parts: its part's number in `part_names`.
        protected: 1 where it stays whatever the rule says.
        files: its file's number.
        numbers: its number in that file, from 1.
        part_names: values of the split column, or names of files.
        bad_rows: rows that could not be read.
    """

    lengths: array[int] = field(default_factory=lambda: array("i"))
    labels: array[int] = field(default_factory=lambda: array("i"))
    parts: array[int] = field(default_factory=lambda: array("i"))
    protected: array[int] = field(default_factory=lambda: array("b"))
    files: array[int] = field(default_factory=lambda: array("i"))
    numbers: array[int] = field(default_factory=lambda: array("q"))
    part_names: dict[str, int] = field(default_factory=dict)
    bad_rows: int = 0

    def __len__(self) -> int:
        return len(self.lengths)


def read_corpus(
    table: Table, search: Search, store: SketchStore, *, workers: int = 1, progress: Progress
) -> tuple[Corpus, Sketch]:
    """Read every row once.

    Args:
        table: the files.
        search: which columns; what is made of each text.
        store: takes the sketches; those that are returned live in it.
        workers: processes that make them.
        progress: hears the rows.

    Raises:
        DataError: too many rows cannot be read, or `search.protect` names no part.
    """
    corpus = Corpus()
    chunks = ((search.rows, texts) for texts in chunked(_texts(table, search, corpus, progress), CHUNK))
    first = list(islice(chunks, FEW_CHUNKS + 1))
    workers = 1 if len(first) <= FEW_CHUNKS else workers
    for _, part in ordered_map(_sketches, chain(first, chunks), workers=workers, chunk=1):
        store.add(part)
    progress("rows", len(corpus), len(corpus))
    unknown = next((name for name in search.protect if name not in corpus.part_names), None)
    if unknown is not None:
        known = ", ".join(list(corpus.part_names)[:NAMED])
        raise DataError(f"there is no {unknown!r} to protect", where="protect", expected=f"some of: {known}")
    return corpus, store.whole()


def rows_of(table: Table, search: Search) -> Iterator[Row | BadRow]:
    """The rows of a table, where one that lacks a column or has no text where one belongs is bad too."""
    return readable_rows(table.rows(), search.columns, texts=[search.text])


def text_of(row: Row, column: str) -> str:
    """The text of a row as it is compared: a number as it is written, a missing one as an empty one."""
    return cell_text(row.values[column]) or ""


def chunked(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """The texts in lists of `size`; of fewer where they are long."""
    chunk: list[str] = []
    chars = 0
    for text in texts:
        chunk.append(text)
        chars += len(text)
        if len(chunk) == size or chars >= CHUNK_CHARS:
            yield chunk
            chunk, chars = [], 0
    if chunk:
        yield chunk


def _sketches(chunks: Sequence[tuple[int | None, list[str]]]) -> list[Sketch]:
    return [sketch(texts, rows) for rows, texts in chunks]


def _texts(table: Table, search: Search, corpus: Corpus, progress: Progress) -> Iterator[str]:
    """The text of each readable row; the rest of the row goes into `corpus`."""
    labels: dict[str, int] = {}
    files = {source.name: number for number, source in enumerate(table.sources)}
    bad = BadRows(search.max_bad_rows)
    for row in usable_rows(table.rows(), search.columns, bad, texts=[search.text]):
        text = text_of(row, search.text)
        source = row.provenance.source
        part = str(row.values[search.split]) if search.split else source
        label = as_label(row.values[search.label]) if search.label else None
        corpus.lengths.append(len(text) if text.strip() else 0)
        corpus.labels.append(NO_LABEL if label is None else labels.setdefault(label, len(labels)))
        corpus.parts.append(corpus.part_names.setdefault(part, len(corpus.part_names)))
        corpus.protected.append(part in search.protect)
        corpus.files.append(files[source])
        corpus.numbers.append(row.provenance.row)
        if len(corpus) % PROGRESS_ROWS == 0:
            progress("rows", len(corpus))
        yield text
    corpus.bad_rows = bad.count
