"""Files of rows → one file for each split, or for each fold, with every column kept.

The files are read twice: once to decide, once to write. With the method `hash` a row is decided as it passes, and
some 40 bytes of it are kept to look for leaks; the other methods keep a few hundred bytes per row, and the search for
near copies keeps the texts. Refuses to know: the command line.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seatrial.artifact.atomic import atomic_folder
from seatrial.data.cells import cell_text
from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.near import near_clusters
from seatrial.data.drops import DropLog
from seatrial.data.flow.tables import Table
from seatrial.data.flow.writers import Formulas, open_writer
from seatrial.data.sources.base import BadRow
from seatrial.data.split import SPLITTERS
from seatrial.data.split.components import components
from seatrial.data.split.folds import assign_folds
from seatrial.data.split.hashed import hashed_fold, hashed_split
from seatrial.data.split.keys import SplitKey, split_key
from seatrial.data.split.leaks import KINDS, Leak, kinds_of, leaks_among, place_of, training_side, two_of
from seatrial.data.split.place import DROPPED, refuse_others_files
from seatrial.data.usable import BadRows, readable_rows
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Example, Provenance, Row
from seatrial.spec.data_split import Split

__all__ = ["NEAR_ROWS", "SplitReport", "split_files"]

PROGRESS_ROWS = 1000
LEAKS_NAMED = 3
NEAR = 0.8
NEAR_ROWS = 200_000
"""Above so many rows near copies are looked for only when that is asked for: all texts would be held in memory."""


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What became of the rows.

    Attributes:
        rows: read, bad ones included.
        files: name of each split or fold → rows in its file.
        labels: rows {file, label, count}; empty where no label was named.
        dropped: rows {step, reason, count}.
        leaks: kind → how many clusters or groups are in two files, as was allowed.
        near: the similarity that near copies were looked for at, or None where they were not.
        formulas: cells of the files that a spreadsheet would run.
        escaped: how many of them were made harmless.
        read_as: as in `Table`.
    """

    rows: int
    files: Mapping[str, int]
    labels: Sequence[Mapping[str, Any]]
    dropped: Sequence[Mapping[str, Any]]
    leaks: Mapping[str, int]
    near: float | None
    formulas: int = 0
    escaped: int = 0
    read_as: Sequence[Mapping[str, str | None]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Pass:
    """What the first reading found out: for each usable row its place, name and what leaks are looked for by."""

    split: Split
    text: str
    label: str | None
    seed: int
    near: float | None
    rows: int = 0
    numbers: array[int] = field(default_factory=lambda: array("Q"))
    names: list[str] = field(default_factory=list)
    digests: array[int] = field(default_factory=lambda: array("Q"))
    groups: array[int] = field(default_factory=lambda: array("Q"))
    examples: list[Example] = field(default_factory=list)
    keys: list[SplitKey] = field(default_factory=list)
    texts: list[str] | None = field(default_factory=list)

    def remember(self, text: str) -> None:
        """Keep a text as long as near copies will be looked for."""
        if self.near == 0 or (self.near is None and len(self.numbers) > NEAR_ROWS):
            self.texts = None
        if self.texts is not None:
            self.texts.append(text)

    def searched(self) -> float | None:
        """The similarity at which near copies are looked for, or None."""
        return None if self.texts is None else NEAR if self.near is None else self.near


def split_files(
    table: Table,
    split: Split,
    *,
    text: str,
    label: str | None,
    near: float | None,
    out: Path,
    ending: str,
    seed: int = 17,
    all_folds: bool = False,
    max_bad_rows: int = 100,
    formulas: Formulas = "keep",
    progress: Progress,
) -> SplitReport:
    """Divide the rows, and write `out/train…`, `validation…` and `test…`, or `fold-1…` and so on, and `dropped.jsonl`.

    Args:
        table: the rows.
        split: as in the project file; `stratify` may name `label` and any column.
        text: the column with the text.
        label: the column with the label, or None.
        near: Jaccard similarity from which texts are near copies, kept together or leaking; 0 does not look, None looks
            at 0.8 as long as there are no more than `NEAR_ROWS` rows.
        out: the folder to make, in the place of one that holds nothing but the files of such a division; what is there
            stays if anything goes wrong.
        ending: of the files, such as ``".csv"``.
        seed: another seed gives another division.
        all_folds: write one file for each fold instead of the three splits of `split.fold`.
        max_bad_rows: more rows than this that cannot be read stop the work.
        formulas: as in `open_writer`.
        progress: hears the rows done.

    Raises:
        DataError: something leaks and `split.leaks` is `stop`, the rows cannot be divided so, or a file cannot be read.
        SpecError: `split` names a method or a column that is not there, or `out` holds other files.
    """
    out = out.resolve()  # a link stays a link
    refuse_others_files(out, split, ending, all_folds=all_folds)
    with atomic_folder(out) as folder, ExitStack() as stack:
        drops = stack.enter_context(DropLog(folder / DROPPED, mode=table.mode))
        found = _Pass(split, text, label, seed, near=near)
        for number, row in _usable(table, found, drops, max_bad_rows, progress):
            _take(found, number, row, all_folds=all_folds, drops=drops)
        if not found.numbers:
            raise DataError("no row is left to divide", where=str(out), hint=f"see why: {drops.table()[:LEAKS_NAMED]}")
        near = found.searched()
        clusters = _clusters(found, near)
        if split.method != "hash" or split.column is not None:
            found.names = _divided(found, clusters, all_folds=all_folds)
        # By digests in arrays, so that a large corpus needs little memory.
        exact, groups = _alike(found.digests), _alike(found.groups)
        leaks = leaks_among(found.names, exact=exact, near=clusters, groups=groups)
        if leaks and split.leaks == "stop":
            raise _torn(leaks, found, table)
        reasons = training_side(leaks, found.names) if split.leaks == "drop" else {}
        left_out = {found.numbers[index]: reason for reason, indices in reasons.items() for index in indices}
        written = _Written(folder, ending, formulas, sorted(set(found.names), key=place_of))
        _write(table, found, written, left_out, drops=drops, progress=progress)
        counts = Counter(leak.kind for leak in leaks) if split.leaks == "allow" else Counter()
        dropped = drops.table()
        refuse_others_files(out, split, ending, all_folds=all_folds)  # something may have come in the meantime
    kinds = {kind: counts[kind] for kind in KINDS if counts[kind]}
    labels = [{"file": name, "label": value, "count": n} for (name, value), n in sorted(written.labels.items())]
    files = {name: written.files[name] for name in written.names}
    cells = written.cells["formulas"], written.cells["escaped"]
    return SplitReport(found.rows, files, labels, dropped, kinds, near, *cells, table.read_as)


def _usable(
    table: Table, found: _Pass, drops: DropLog, max_bad_rows: int, progress: Progress
) -> Iterator[tuple[int, Row]]:
    """Rows that can be read and have every column, with their number; the others are logged."""
    wanted = [*found.split.columns, *(name for name in found.split.stratify if name != "label")]
    bad = BadRows(max_bad_rows, lambda row: drops.add("read", row.reason, row.text, row.provenance, row.where))
    for number, row in enumerate(readable_rows(table.rows(), wanted, texts=[found.text])):
        found.rows += 1
        if found.rows % PROGRESS_ROWS == 0:
            progress("rows", found.rows)
        if isinstance(row, BadRow):
            bad.add(row)
        else:
            yield number, row
    progress("rows", found.rows, found.rows)


def _take(found: _Pass, number: int, row: Row, *, all_folds: bool, drops: DropLog) -> None:
    """Remember what is needed of a row."""
    split, text = found.split, cell_text(row.values[found.text]) or ""
    key = split_key(row.values, split)
    if isinstance(key, str):
        drops.add("split", key, text, row.provenance)
        return
    found.numbers.append(number)
    same = normalized(text)
    found.digests.append(_digest(same) if same else 0)  # texts with nothing in them are no copies
    found.groups.append(0 if key.group is None else _digest(key.group))
    found.remember(text)
    if split.method == "hash" and split.column is None:
        own = key.group if key.group is not None else same
        if all_folds:
            found.names.append(f"fold-{hashed_fold(own, split.folds or 0, found.seed)}")
        else:
            found.names.append(hashed_split(own, split, found.seed))
        return
    slices = {name: str(row.values[name]) for name in split.stratify if name != "label"}
    label = _label(row, found.label)
    identity = f"{row.provenance.source}\0{row.provenance.row}"
    found.examples.append(Example(identity, {}, label, row.provenance, slices=slices))
    found.keys.append(key)


def _label(row: Row, column: str | None) -> str:
    """Empty for a row without one: a label is for the mix only."""
    value = row.values.get(column) if column else None
    return "" if value is None else str(value)


def _clusters(found: _Pass, near: float | None) -> Sequence[Sequence[int]]:
    """What shall stay together: near copies, or at least exact ones, which cost no texts in memory."""
    if found.texts is not None and near:
        alike = ([i for i in cluster if found.digests[i]] for cluster in near_clusters(found.texts, near))
        return [cluster for cluster in alike if len(cluster) > 1]
    if found.split.method == "hash":  # equal texts go the same way, and rows are not held together
        return []
    return list(_alike(found.digests))


def _divided(found: _Pass, clusters: Sequence[Sequence[int]], *, all_folds: bool) -> list[str]:
    split = found.split
    if split.column is not None:
        return [str(key.given) for key in found.keys]
    if all_folds and split.folds is not None:
        parts = components(len(found.examples), found.keys, clusters)
        folds = assign_folds(found.examples, parts, split.folds, split.stratify, found.seed)
        return [f"fold-{fold}" for fold in folds]
    splitter = SPLITTERS.get(split.method, where="--by")
    return splitter(found.examples, found.keys, clusters, split, found.seed)


def _alike(digests: array[int]) -> Iterator[list[int]]:
    """Indices of equal digests, group by group; 0 stands for none."""
    values = np.frombuffer(digests, dtype=np.uint64)
    order = np.argsort(values, kind="stable")
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(values[order])) + 1, [len(order)]))
    for place in np.flatnonzero(np.diff(bounds) > 1):
        indices = order[bounds[place] : bounds[place + 1]]
        if values[indices[0]] != 0:
            yield indices.tolist()


def _torn(leaks: Sequence[Leak], found: _Pass, table: Table) -> DataError:
    wanted = {found.numbers[index] for leak in leaks[:LEAKS_NAMED] for index in two_of(leak, found.names)}
    rows: dict[int, Provenance] = {}
    for number, row in enumerate(table.rows()):
        if number in wanted:
            rows[number] = row.provenance
        if len(rows) == len(wanted):
            break
    said = []
    for leak in leaks[:LEAKS_NAMED]:
        places = [(rows[found.numbers[index]], found.names[index]) for index in two_of(leak, found.names)]
        named = " and ".join(f"row {at.row} of {at.source} ({name})" for at, name in places)
        said.append(f"{leak.kind}: {named}")
    return DataError(
        f"what belongs together is in two files ({kinds_of(leaks)}): {'; '.join(said)}",
        where="--leaks",
        expected="no copy and no group in more than one file",
        hint="--leaks drop leaves out those on the training side, --leaks allow keeps them",
    )


@dataclass(slots=True)
class _Written:
    """Where the second reading writes, and what it wrote."""

    folder: Path
    ending: str
    formulas: Formulas
    names: Sequence[str]
    files: Counter[str] = field(default_factory=Counter)
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)


def _write(
    table: Table,
    found: _Pass,
    written: _Written,
    left_out: Mapping[int, str],
    *,
    drops: DropLog,
    progress: Progress,
) -> None:
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                open_writer(written.folder / f"{name}{written.ending}", formulas=written.formulas, mode=table.mode)
            )
            for name in written.names
        }
        places = iter(zip(found.numbers, found.names, strict=True))
        following, name = next(places)
        for number, row in enumerate(table.rows()):
            if number % PROGRESS_ROWS == 0:
                progress("written", number, found.rows)
            if number != following:
                continue
            assert isinstance(row, Row)  # it was readable a moment ago
            if number in left_out:
                drops.add("split", left_out[number], cell_text(row.values[found.text]) or "", row.provenance)
            else:
                writers[name].write(row.values)
                written.files[name] += 1
                if found.label:
                    written.labels[name, _label(row, found.label)] += 1
            following, name = next(places, (-1, ""))
        for writer in writers.values():
            written.cells.update(formulas=writer.formulas, escaped=writer.escaped)
        progress("written", found.rows, found.rows)


def _digest(text: str) -> int:
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") or 1
