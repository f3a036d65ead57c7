"""One pass over the items, then a closer look at samples of them: the report of `seatrial data inspect`.

Counts and lengths are of all rows. Where there are more than the caps in `Look`, languages, personal data and suspected
labels are of random samples, and copies are looked for among the first texts; the report says how many were looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.data.dedupe.minhash import rows_per_band
from seatrial.data.dedupe.sketch import Sketch, SketchStore, sketch
from seatrial.data.flow.workers import ordered_map
from seatrial.data.inspect.copies import Compared, find_copies
from seatrial.data.inspect.findings import TEXT_CHARS, languages, personal_data, suspected_labels
from seatrial.data.inspect.items import Item, Unread
from seatrial.data.inspect.lengths import Lengths, word_count
from seatrial.data.inspect.sample import Sample
from seatrial.errors import DataError
from seatrial.progress import Progress, silent
from seatrial.records import Report

__all__ = ["Look", "inspect_items"]

CHUNK = 1000
MOST_LABELS = 1000
"""More different labels than this are no classes; further ones are counted together."""
MOST_PARTS = 1000
OTHER = "(others)"
CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Look:
    """How closely is looked.

    Attributes:
        near: Jaccard similarity from which texts are near copies, or None.
        sample: texts whose language and personal data are looked for.
        languages: whether languages are looked for, which needs the package lingua.
        labelled: texts on which a model looks for wrong labels; 0 for none.
        compared: texts among which copies are looked for, about 200 bytes of memory each.
        shown: rows shown as samples.
        seed: of the samples.
    """

    near: float | None = 0.8
    sample: int = 2000
    languages: bool = True
    labelled: int = 5000
    compared: int = 1_000_000
    shown: int = 5
    seed: int = 0


def inspect_items(
    items: Iterable[Item | Unread],
    look: Look,
    *,
    scratch: Path,
    count_tokens: CountTokens | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> Report:
    """Look at data.

    Args:
        items: read once, in a stream.
        look: how closely.
        scratch: an existing folder for temporary files; it is left empty.
        count_tokens: texts → how many tokens each has; None to count only characters and words.
        workers: processes.
        progress: hears the rows and the steps.

    Returns:
        A report: `facts`, the tables `parts`, `labels`, `lengths`, `bad_rows`, `copies`, `leaks`, `languages`,
        `personal_data`, `suspected_labels` and `samples`, and the series `length_histogram`.

    Raises:
        DataError: there is no text.
        MissingExtraError: a package of the extra `data` is not installed.
    """
    counted = _Counted(look, count_tokens)
    rows = None if look.near is None else rows_per_band(look.near)
    with SketchStore(scratch / "shingles", rows) as store:
        chunks = _chunks(counted.texts(items, progress), rows)
        for (_, _, texts, compared), studied in ordered_map(_study, chunks, sent=_sent, workers=workers, chunk=1):
            counted.study(texts, studied)
            if compared:
                assert studied.sketch is not None
                store.add(studied.sketch)
        progress("rows", counted.rows, counted.rows)
        if not counted.lengths["characters"].row():
            raise DataError("there is no text in it", where="data", hint="check which column holds the text")
        copied = find_copies(store.whole(), counted.compared, near=look.near, progress=progress)
    return counted.report(copied.copies, copied.leaks, progress)


@dataclass(frozen=True, slots=True)
class _Studied:
    """Of a chunk: words per text, and the sketch of the texts that are compared."""

    words: list[int]
    sketch: Sketch | None


Chunk = tuple[int | None, int, list[str], int]
"""Hashes per band, a number, the texts, and how many of them (the first) are compared."""


@dataclass(slots=True)
class _Counted:
    """What is known so far."""

    look: Look
    count_tokens: CountTokens | None
    rows: int = 0
    empty: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    compared: Compared = field(default_factory=Compared)
    lengths: dict[str, Lengths] = field(default_factory=dict)
    sample: Sample = field(init=False)
    labelled: Sample = field(init=False)

    def __post_init__(self) -> None:
        units = ("characters", "words", *(("tokens",) if self.count_tokens else ()))
        self.lengths = {unit: Lengths() for unit in units}
        self.sample = Sample(max(self.look.sample, self.look.shown), self.look.seed)
        self.labelled = Sample(self.look.labelled, self.look.seed + 1)

    def texts(self, items: Iterable[Item | Unread], progress: Progress) -> Iterator[tuple[str, bool]]:
        """The texts that are not empty, and whether each is compared; everything else is counted here."""
        for item in items:
            self.rows += 1
            if self.rows % CHUNK == 0:
                progress("rows", self.rows)
            if isinstance(item, Unread):
                self.bad[item.reason] += 1
                continue
            _count(self.parts, item.part, MOST_PARTS)
            if item.label:
                _count(self.labels, item.label, MOST_LABELS)
            if not item.text.strip():
                self.empty += 1
                continue
            self.sample.add(item)
            if item.label and self.look.labelled:
                self.labelled.add(item)
            compared = len(self.compared.parts) < self.look.compared
            if compared:
                self.compared.add(item.part, item.label)
            yield item.text, compared

    def study(self, texts: Sequence[str], studied: _Studied) -> None:
        """Count the lengths of a chunk."""
        self.lengths["characters"].add(map(len, texts))
        self.lengths["words"].add(studied.words)
        if self.count_tokens is not None:
            self.lengths["tokens"].add(self.count_tokens(texts))

    def report(self, copies: list[dict[str, Any]], leaks: list[dict[str, Any]], progress: Progress) -> Report:
        """Everything, after the closer look at the samples."""
        sample = self.sample.items()
        looked = sample if self.look.sample else []
        suspects, suspected, judged = suspected_labels(self.labelled.items(), seed=self.look.seed, progress=progress)
        texts = self.rows - sum(self.bad.values()) - self.empty
        shown = sample[:: max(1, len(sample) // self.look.shown)][: self.look.shown] if self.look.shown else []
        found = [{"unit": unit, **row} for unit, counts in self.lengths.items() if (row := counts.row())]
        return Report(
            stage="inspect",
            tables={
                "parts": [{"part": part, "rows": count} for part, count in self.parts.items()],
                "labels": _shares(self.labels),
                "lengths": found,
                "bad_rows": [{"reason": reason, "count": count} for reason, count in self.bad.most_common()],
                "copies": copies,
                "leaks": leaks,
                "languages": languages(looked if self.look.languages else [], progress),
                "personal_data": personal_data(looked, progress),
                "suspected_labels": suspects,
                "samples": [_shown(item) for item in shown],
            },
            series={"length_histogram": self.lengths["characters"].histogram()},
            facts={
                "rows": self.rows,
                "bad_rows": sum(self.bad.values()),
                "empty": self.empty,
                "texts": texts,
                "labelled": sum(self.labels.values()),
                "sampled": len(looked),
                "compared": len(self.compared.parts),
                "judged_labels": judged,
                "suspected": suspected,
            },
        )


def _count(counts: Counter[str], name: str, most: int) -> None:
    counts[name if name in counts or len(counts) < most else OTHER] += 1


def _shares(counts: Counter[str]) -> list[dict[str, Any]]:
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"label": label, "count": count, "share": count / total} for label, count in ordered]


def _shown(item: Item) -> dict[str, Any]:
    place = {"source": item.provenance.source, "row": item.provenance.row}
    return {**place, "label": item.label, "text": item.text[:TEXT_CHARS]}


def _chunks(texts: Iterable[tuple[str, bool]], rows: int | None) -> Iterator[Chunk]:
    piece: list[str] = []
    compared = number = 0
    for text, its_compared in texts:
        piece.append(text)
        compared += its_compared
        if len(piece) == CHUNK:
            yield rows, number, piece, compared
            piece, compared, number = [], 0, number + 1
    if piece:
        yield rows, number, piece, compared


def _sent(chunk: Chunk) -> tuple[int | None, list[str], int]:
    return chunk[0], chunk[2], chunk[3]


def _study(chunks: Sequence[tuple[int | None, list[str], int]]) -> list[_Studied]:
    return [
        _Studied([word_count(text) for text in texts], sketch(texts[:compared], rows) if compared else None)
        for rows, texts, compared in chunks
    ]
