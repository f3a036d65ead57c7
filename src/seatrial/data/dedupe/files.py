"""Files of rows → the same files without copies; what went and why, and every cluster, in files of their own.

The files are read twice (three times for semantic copies), so that memory grows with the number of rows, by a few
hundred bytes each, and not with their texts. Refuses to know: the command line, models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.artifact.atomic import atomic_file, temporary_folder
from seatrial.data.dedupe.corpus import PROGRESS_ROWS, Corpus, Search, chunked, read_corpus, rows_of, text_of
from seatrial.data.dedupe.exact import exact_parents
from seatrial.data.dedupe.findings import KINDS, Findings, TextStarts
from seatrial.data.dedupe.near import jaccard, near_parents
from seatrial.data.dedupe.semantic import cosine, semantic_parents
from seatrial.data.dedupe.sketch import Sketch, SketchStore
from seatrial.data.dedupe.unions import clusters_of
from seatrial.data.drops import DropLog
from seatrial.data.flow.tables import Table
from seatrial.data.flow.writers import Formulas, TableWriter, open_writer
from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError, SpecError
from seatrial.progress import Progress, silent
from seatrial.records import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["DedupeReport", "dedupe_files"]

EMBED_TEXTS = 1024


@dataclass(frozen=True, slots=True)
class DedupeReport:
    """What became of the rows.

    Attributes:
        rows: read, bad ones included.
        kept: written.
        bad_rows: that could not be read.
        dropped: rows {step, reason, count}, the most frequent first, bad rows among them.
        clusters: kind → how many clusters.
        across: rows {kind, between, clusters}: clusters that lie in several files, or splits where a column names them.
        formulas: cells of the output that a spreadsheet would run.
        escaped: how many of them were made harmless.
        read_as: as in `Table`.
    """

    rows: int
    kept: int
    bad_rows: int
    dropped: Sequence[Mapping[str, Any]]
    clusters: Mapping[str, int]
    across: Sequence[Mapping[str, Any]]
    formulas: int
    escaped: int = 0
    read_as: Sequence[Mapping[str, str | None]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def dedupe_files(
    table: Table,
    search: Search,
    *,
    outs: Sequence[Path],
    dropped: Path,
    clusters: Path,
    embed: Embed | None = None,
    workers: int = 1,
    formulas: Formulas = "keep",
    progress: Progress = silent,
) -> DedupeReport:
    """Drop copies within and between files. First exact ones are decided, then near ones among what is left, then
    semantic ones. A row without a text is compared with no other and stays.

    Args:
        table: the files.
        search: what is compared, and what becomes of copies.
        outs: one file per file of the table, or one for all rows; their endings tell the formats.
        dropped: the JSONL file for what goes.
        clusters: the JSONL file for the clusters: number, kind, kept, members with file, row, start of the text and
            similarity to the first that is kept (1 for itself).
        embed: texts → vectors [n, dimensions]; needed for ``search.semantic``.
        workers: processes.
        formulas: as in `open_writer`.
        progress: hears rows, bands and blocks.

    Raises:
        SpecError: an ending that cannot be written, or semantic copies without vectors.
        DataError: too many rows cannot be read, a file changed meanwhile, or a row does not fit its file.
    """
    if search.semantic is not None and embed is None:
        raise SpecError("semantic copies need a model", where="semantic", hint="name an embedding model")
    with ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder(clusters))  # beside the output: /tmp may be memory
        writers = [stack.enter_context(open_writer(out, formulas=formulas, mode=table.mode)) for out in outs]
        log = stack.enter_context(DropLog(stack.enter_context(atomic_file(dropped, mode=table.mode))))
        listed = stack.enter_context(atomic_file(clusters, mode=table.mode))
        store = stack.enter_context(SketchStore(scratch / "shingles", search.rows))
        corpus, sketches = read_corpus(table, search, store, workers=workers, progress=progress)
        findings = _search(corpus, sketches, search, progress)
        if search.semantic is not None and embed is not None:
            vectors = _vectors(table, search, findings.left(), embed=embed, file=scratch / "vectors", progress=progress)
            _search_meaning(vectors, search.semantic, findings, progress)
        with TextStarts(scratch / "starts", len(corpus)) as starts:
            rewrite = _Rewrite(table, search, corpus, findings, writers, log, starts)
            kept = rewrite.run(progress)
            with listed.open("w", encoding="utf-8", newline="\n") as file:
                findings.write(file, [source.name for source in table.sources], starts)
        return DedupeReport(
            len(corpus) + corpus.bad_rows,
            kept,
            corpus.bad_rows,
            log.table(),
            {kind: findings.counts[kind] for kind in KINDS},
            findings.across(),
            sum(writer.formulas for writer in writers),
            sum(writer.escaped for writer in writers),
            table.read_as,
        )


def _search(corpus: Corpus, sketches: Sketch, search: Search, progress: Progress) -> Findings:
    """Exact and near copies."""
    findings = Findings(corpus, search.keep)
    if search.exact:
        parents = exact_parents(sketches.digests, findings.left())
        findings.add("exact", clusters_of(parents), lambda left, _: np.ones(len(left)))
    if search.near is not None:
        sets = sketches.shingles
        parents = near_parents(sets, sketches.keys, search.near, among=findings.left(), progress=progress)
        findings.add("near", clusters_of(parents), lambda left, right: jaccard(sets, left, right))
    return findings


def _vectors(
    table: Table, search: Search, among: NDArray[np.int64], *, embed: Embed, file: Path, progress: Progress
) -> NDArray[np.float32]:
    """The vectors of some rows, of length 1, in a file."""
    dimensions = done = 0
    with file.open("wb") as stream:
        for chunk in chunked(_chosen(table, search, among), EMBED_TEXTS):
            vectors = np.asarray(embed(chunk), dtype=np.float32)
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            stream.write(np.ascontiguousarray(vectors).data)
            dimensions, done = vectors.shape[1], done + len(chunk)
            progress("vectors", done, len(among))
    if done != len(among):
        raise _changed(search)
    if not done:
        return np.empty((0, 0), np.float32)
    return np.memmap(file, dtype=np.float32, mode="r").reshape(done, dimensions)


def _search_meaning(vectors: NDArray[np.float32], threshold: float, findings: Findings, progress: Progress) -> None:
    """Semantic copies among the rows that are left, which the vectors belong to."""
    among = findings.left()
    place = np.zeros(1 + int(among.max(initial=0)), np.int64)
    place[among] = np.arange(len(among))
    found = clusters_of(semantic_parents(vectors, threshold, progress))
    findings.add(
        "semantic",
        [among[members].tolist() for members in found],
        lambda left, right: cosine(vectors, place[left], place[right]),
    )


def _chosen(table: Table, search: Search, among: NDArray[np.int64]) -> Iterator[str]:
    wanted = iter(among.tolist())
    following = next(wanted, None)
    readable = (row for row in rows_of(table, search) if not isinstance(row, BadRow))
    for index, row in enumerate(readable):
        if index == following:
            yield text_of(row, search.text)
            following = next(wanted, None)


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """The last reading of the rows, in which each is sent where it belongs."""

    table: Table
    search: Search
    corpus: Corpus
    findings: Findings
    writers: Sequence[TableWriter]
    log: DropLog
    starts: TextStarts

    def run(self, progress: Progress) -> int:
        """How many rows stay."""
        index = kept = 0
        lengths = self.corpus.lengths
        for row in rows_of(self.table, self.search):
            if isinstance(row, BadRow):
                self.log.add("read", row.reason, row.text, row.provenance, row.where)
                continue
            text = text_of(row, self.search.text)
            if index == len(lengths) or lengths[index] != (len(text) if text.strip() else 0):
                raise _changed(self.search)
            kept += self._send(index, row, text)
            index += 1
            if index % PROGRESS_ROWS == 0:
                progress("written", index, len(lengths))
        if index != len(lengths):
            raise _changed(self.search)
        progress("written", index, index)
        return kept

    def _send(self, index: int, row: Row, text: str) -> bool:
        if self.findings.clustered[index]:
            self.starts.add(index, text)
        fate = self.findings.fate(index)
        if fate is None:
            self.writers[self.corpus.files[index] if len(self.writers) > 1 else 0].write(row.values)
        else:
            self.log.add(f"dedupe-{fate[0]}", fate[1], text, row.provenance)
        return fate is None


def _changed(search: Search) -> DataError:
    return DataError(
        "a file changed while it was read", where=search.text, hint="run it again when nobody writes to the files"
    )
