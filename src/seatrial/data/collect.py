"""Rows of all sources → cleaned examples, in order; what cannot be used is logged, and too much of it stops the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.data.annotate.panel import Panel
from seatrial.data.base import OpenEntities, ReadsRows
from seatrial.data.clean.build import build_cleaners
from seatrial.data.drops import DropLog
from seatrial.data.examples import Refused, examples_of, redacts
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.facts import SourceFacts
from seatrial.data.sources.read import read_rows
from seatrial.data.split.keys import SplitKey
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Example, Row
from seatrial.registry import did_you_mean
from seatrial.spec.data import DataSpec, Source

__all__ = ["Collected", "check_columns", "collect"]

MAX_LABELS = 1000
BAD_ROWS_NAMED = 3
LABELS_NAMED = 10
MIN_BAD_ROWS = 10
MAX_BAD_SHARE = 0.1
PROGRESS_ROWS = 1000
MAX_UNDECLARED_SHARE = 0.01
"""A typing error here and there may be left out; a whole class that is not declared may not."""


@dataclass(slots=True)
class Collected:
    """Examples with what each row says about its split, counts per source, how often each cleaning step changed
    something, by (step, kind of change), and where raters are weighed how good each is."""

    examples: list[Example] = field(default_factory=list)
    keys: list[SplitKey] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    raters: list[dict[str, Any]] = field(default_factory=list)

    def leave_out(self, reasons: Mapping[str, Sequence[int]], step: str, task: ReadsRows, drops: DropLog) -> None:
        """Take examples out again.

        Args:
            reasons: why → indices of `examples`.
            step: who takes them out, for the log.
            task: gives their texts.
            drops: told of each.
        """
        gone: set[int] = set()
        for reason, indices in reasons.items():
            for index in indices:
                example = self.examples[index]
                drops.add(step, reason, task.text(example), example.provenance)
            gone.update(indices)
        kept = [index for index in range(len(self.examples)) if index not in gone]
        self.examples = [self.examples[index] for index in kept]
        self.keys = [self.keys[index] for index in kept]


def collect(
    data: DataSpec,
    *,
    task: ReadsRows,
    labels: Sequence[str],
    root: Path,
    drops: DropLog,
    open_entities: OpenEntities | None = None,
    progress: Progress,
) -> Collected:
    """Read every source to its end.

    Args:
        data: the section of the project file.
        task: turns rows into examples.
        labels: declared label names, or empty.
        root: the project folder.
        drops: told of every row and example that is left out.
        open_entities: opens the models that cleaning steps name.
        progress: hears the rows read.

    Raises:
        DataError: a column is missing, too many rows are bad, too many labels are distinct or not declared, or no
            example is left.
        SpecError: an unknown cleaning step or data format.
    """
    steps = build_cleaners(data.clean, open_entities=open_entities)
    result = Collected()
    guard = _BadRowGuard(data.max_bad_rows, quotes=not redacts(steps))
    panel = Panel(data, labels)
    columns = task.columns(data)
    ids: set[str] = set()
    undeclared: Counter[str] = Counter()
    found_labels: set[str] = set()
    done = 0
    for place, source in enumerate(data.sources):
        guard.begin(source.name)
        facts = SourceFacts()
        rows = _rows(source, data, columns, root, f"data.sources.{place}", facts=facts)
        for row, key, made in examples_of(rows, data, task, labels, steps=steps, changes=result.changes):
            done += 1
            if done % PROGRESS_ROWS == 0:
                progress("rows", done)
            if isinstance(row, BadRow):
                guard.bad(row)
                drops.add("read", row.reason, row.text, row.provenance, row.where)
                continue
            guard.good()
            if isinstance(key, str):
                drops.add("split", key, str(row.values.get(data.columns.text)), row.provenance)
                continue
            assert key is not None and made is not None  # noqa: PT018 - both come with the row
            if isinstance(made, Refused):
                drops.add(made.step, made.drop.reason, made.drop.text, made.drop.provenance)
                if made.drop.undeclared is not None:
                    undeclared[made.drop.undeclared] += 1
                continue
            if made.id in ids:
                drops.add("example", f"the same {data.columns.id} was seen before", task.text(made), row.provenance)
                continue
            ids.add(made.id)
            found_labels.update(task.labels_in(made))
            if len(found_labels) > MAX_LABELS:
                raise _too_many_labels(data)
            result.examples.append(made)
            panel.hear(row, made)
            result.keys.append(key)
        result.sources.append({**guard.end(), **facts.as_dict()})
    progress("rows", done, done)
    if data.undeclared == "stop" and undeclared.total() > MAX_UNDECLARED_SHARE * done:
        raise _undeclared(undeclared, done)
    if not result.examples:
        raise _nothing_left(drops)
    result.examples = panel.settle(result.examples)
    result.raters = panel.raters
    return result


def check_columns(data: DataSpec, *, task: ReadsRows, root: Path) -> None:
    """Look at the first row of each source that is a file here, for the columns that the task needs.

    What would have to be fetched, unpacked from a package or joined is left to `collect`.

    Args:
        data: the section of the project file.
        task: says which columns.
        root: the project folder.

    Raises:
        DataError: a file is missing or unreadable, or a column is.
        SpecError: a format or an encoding that is not known.
    """
    columns = task.columns(data)
    for place, source in enumerate(data.sources):
        if source.path is not None and source.join is None:
            next(_rows(source, data, columns, root, f"data.sources.{place}", facts=SourceFacts()), None)


def _rows(
    source: Source, data: DataSpec, columns: Sequence[str], root: Path, where: str, *, facts: SourceFacts
) -> Iterator[Row | BadRow]:
    """Rows that have every column. The first row decides whether the columns are named right at all."""
    first = True
    for row in read_rows(source, root=root, max_row_bytes=data.max_row_bytes, where=where, facts=facts):
        if isinstance(row, BadRow):
            yield row
            continue
        missing = next((name for name in columns if name not in row.values), None)
        if missing is None:
            yield row
        elif first:
            raise _missing_column(missing, source, list(row.values), where)
        else:
            place = f"row {row.provenance.row} of {source.name}"
            yield BadRow(row.provenance, place, f"no column {missing!r}", str(dict(row.values))[:200])
        first = False


def _missing_column(missing: str, source: Source, columns: list[str], where: str) -> DataError:
    glued = next((mark for mark in (";", "\t", ",", "|") if len(columns) == 1 and mark in columns[0]), None)
    if glued:
        hint: str | None = f"the columns seem to be separated by {glued!r}: set {where}.delimiter"
    elif (source.path or source.package) and source.header is None and not any(name.isidentifier() for name in columns):
        hint = f"if the file has no header line, name its columns in {where}.header"
    else:
        hint = did_you_mean(missing, columns)
    return DataError(
        f"the source {source.name} has no column {missing!r}",
        where="data",
        expected="one of its columns: " + ", ".join(map(repr, columns[:50])),
        hint=f"{hint} (data.columns says which column plays which part)",
    )


class _BadRowGuard:
    """Counts rows and stops when too many are bad, naming the first few; with `quotes`, with the start of the first."""

    def __init__(self, allowed: int, *, quotes: bool) -> None:
        self._allowed = allowed
        self._quotes = quotes
        self._all: list[BadRow] = []
        self._counts: dict[str, Any] = {}

    def begin(self, source: str) -> None:
        self._counts = {"source": source, "rows": 0, "bad_rows": 0}

    def good(self) -> None:
        self._counts["rows"] += 1

    def bad(self, row: BadRow) -> None:
        self._counts["rows"] += 1
        self._counts["bad_rows"] += 1
        self._all.append(row)
        if len(self._all) > self._allowed:
            raise self._error(f"more than {self._allowed} rows", self._all)

    def end(self) -> dict[str, Any]:
        rows, bad_rows = self._counts["rows"], self._counts["bad_rows"]
        if bad_rows and (bad_rows == rows or (bad_rows >= MIN_BAD_ROWS and bad_rows > MAX_BAD_SHARE * rows)):
            raise self._error(f"{bad_rows} of {rows} rows of {self._counts['source']}", self._all[-bad_rows:])
        return self._counts

    def _error(self, how_many: str, rows: Sequence[BadRow]) -> DataError:
        first, others = rows[0], rows[1:BAD_ROWS_NAMED]
        quoted = f" ({first.text[:80]})" if self._quotes else ""  # nothing has redacted it
        also = "".join(f"; then {row.where}: {row.reason}" for row in others)
        return DataError(
            f"{first.reason}{quoted}{also}; {how_many} cannot be read",
            where=first.where,
            expected=f"at most {MAX_BAD_SHARE:.0%} of a source, and no more than data.max_bad_rows",
            hint=next((row.hint for row in rows if row.hint), "correct them, or raise data.max_bad_rows"),
        )


def _too_many_labels(data: DataSpec) -> DataError:
    return DataError(
        f"there are more than {MAX_LABELS} different labels",
        where="data.columns.label",
        expected="a column with few different values",
        hint=f"check that {data.columns.label!r} is the label's column, not the text's or the row's number",
    )


def _undeclared(found: Counter[str], rows: int) -> DataError:
    named = ", ".join(f"{label!r} ({count})" for label, count in found.most_common(LABELS_NAMED))
    more = f" and {len(found) - LABELS_NAMED} more" if len(found) > LABELS_NAMED else ""
    return DataError(
        f"{found.total()} of {rows} rows have a label that is not declared: {named}{more}",
        where="labels",
        expected=f"at most {MAX_UNDECLARED_SHARE:.0%} of the rows",
        hint="add them to labels; or, if they are to be left out, set data.undeclared: drop",
    )


def _nothing_left(drops: DropLog) -> DataError:
    reasons = "; ".join(f"{row['reason']} ({row['count']})" for row in drops.table()[:BAD_ROWS_NAMED])
    return DataError(
        f"no example is left after reading and cleaning: {reasons}",
        where="data",
        hint="check data.columns, labels and data.clean",
    )
