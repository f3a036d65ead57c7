"""Rows of all sources → cleaned examples, in order; what cannot be used is logged, and too much of it stops the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.data.annotate.panel import Panel
from seatrial.data.bad_rows import BadRowGuard, missing_column
from seatrial.data.base import OpenEntities, ReadsRows
from seatrial.data.cells import cell_text
from seatrial.data.clean.build import build_cleaners
from seatrial.data.drops import DropLog
from seatrial.data.examples import UNSEEN, Refused, examples_of, redacts
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.facts import SourceFacts
from seatrial.data.sources.read import read_rows
from seatrial.data.split.keys import SplitKey
from seatrial.data.usable import incomplete
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Example, Row
from seatrial.spec.data import DataSpec, Source

__all__ = ["Collected", "check_columns", "collect"]

MAX_LABELS = 1000
REASONS_NAMED = 3
LABELS_NAMED = 10
PROGRESS_ROWS = 1000
MAX_UNDECLARED_SHARE = 0.01
"""A typing error here and there may be left out; a whole class that is not declared may not."""


@dataclass(slots=True)
class Collected:
    """Examples with what each row says about its split, whether nobody has labelled it (then it is not measured on),
    counts per source, how often each cleaning step changed something, by (step, kind of change), and where raters are
    weighed how good each is."""

    examples: list[Example] = field(default_factory=list)
    keys: list[SplitKey] = field(default_factory=list)
    unlabelled: list[bool] = field(default_factory=list)
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
        self.unlabelled = [self.unlabelled[index] for index in kept]


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
        DataError: a column is missing, too many rows are bad, too many labels are distinct or not declared, something
            is missing that must not be, or no example is left.
        SpecError: an unknown cleaning step or data format.
    """
    steps = build_cleaners(data.clean, open_entities=open_entities)
    reading = _Reading(data, task, labels, drops, redacts=redacts(steps))
    columns = task.columns(data)
    done = 0
    for place, source in enumerate(data.sources):
        reading.guard.begin(source.name)
        facts = SourceFacts()
        rows = _rows(source, data, columns, root, f"data.sources.{place}", facts=facts)
        changes = reading.result.changes
        for row, key, made in examples_of(rows, data, task, labels, steps=steps, changes=changes):
            done += 1
            if done % PROGRESS_ROWS == 0:
                progress("rows", done)
            reading.take(row, key, made)
        reading.result.sources.append({**reading.guard.end(), **facts.as_dict()})
    progress("rows", done, done)
    if data.undeclared == "stop" and reading.undeclared.total() > MAX_UNDECLARED_SHARE * done:
        raise _undeclared(reading.undeclared, done)
    if not reading.result.examples:
        raise _nothing_left(drops)
    return reading.settled()


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


class _Reading:
    """What becomes of row after row."""

    def __init__(
        self, data: DataSpec, task: ReadsRows, labels: Sequence[str], drops: DropLog, *, redacts: bool
    ) -> None:
        self._data, self._task, self._drops, self._redacts = data, task, drops, redacts
        self._may_lack_labels = task.labelled(data) and (data.missing.label == "keep" or data.rules is not None)
        self._panel = Panel(data, labels)
        self._ids: set[str] = set()
        self._found_labels: set[str] = set()
        self.result = Collected()
        self.guard = BadRowGuard(data.max_bad_rows, quotes=not redacts)
        self.undeclared: Counter[str] = Counter()

    def take(self, row: Row | BadRow, key: SplitKey | str | None, made: Example | Refused | None) -> None:
        """Keep the example that a row makes, or log why it makes none."""
        if isinstance(row, BadRow):
            self.guard.bad(row)
            self._drops.add("read", row.reason, self._raw(row.text), row.provenance, row.where)
            return
        self.guard.good()
        if isinstance(key, str):
            text = cell_text(row.values.get(self._data.columns.text))
            self._drops.add("split", key, self._raw(text or ""), row.provenance)
            return
        assert key is not None and made is not None  # noqa: PT018 - both come with the row
        if isinstance(made, Refused):
            self._drops.add(made.step, made.drop.reason, made.drop.text, made.drop.provenance)
            if made.drop.undeclared is not None:
                self.undeclared[made.drop.undeclared] += 1
            return
        if made.id in self._ids:
            reason = f"the same {self._data.columns.id} was seen before"
            self._drops.add("example", reason, self._task.text(made), row.provenance)
            return
        self._ids.add(made.id)
        self._found_labels.update(self._task.labels_in(made))
        if len(self._found_labels) > MAX_LABELS:
            raise _too_many_labels(self._data)
        self.result.examples.append(made)
        self.result.keys.append(key)
        self.result.unlabelled.append(self._may_lack_labels and not self._task.labels_in(made))
        self._panel.hear(row, made)

    def settled(self) -> Collected:
        """Everything, with the labels that the raters of all rows give."""
        self.result.examples = self._panel.settle(self.result.examples)
        self.result.raters = self._panel.raters
        return self.result

    def _raw(self, text: str) -> str:
        """A text as it was read, for the log; where texts are redacted, what was never searched is not written down."""
        return UNSEEN if self._redacts else text


def _rows(
    source: Source, data: DataSpec, columns: Sequence[str], root: Path, where: str, *, facts: SourceFacts
) -> Iterator[Row | BadRow]:
    """Rows that have every column. The first row decides whether the columns are named right at all."""
    first = True
    for row in read_rows(source, root=root, max_row_bytes=data.max_row_bytes, where=where, facts=facts):
        if isinstance(row, BadRow):
            yield row
            continue
        bad = incomplete(row, columns)
        if bad is not None and first:
            missing = next(name for name in columns if name not in row.values)
            raise missing_column(missing, source, list(row.values), where)
        yield bad or row
        first = False


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
    reasons = "; ".join(f"{row['reason']} ({row['count']})" for row in drops.table()[:REASONS_NAMED])
    return DataError(
        f"no example is left after reading and cleaning: {reasons}",
        where="data",
        hint="check data.columns, labels and data.clean",
    )
