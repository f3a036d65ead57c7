"""Rows through cleaning steps: what is kept goes to one file, what is not to another, with the reason beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import atomic_file
from seatrial.data.base import OpenEntities
from seatrial.data.cells import cell_text
from seatrial.data.clean.build import NamedCleaner, build_cleaners
from seatrial.data.clean.run import Cleaned, change_table, clean_texts
from seatrial.data.drops import DropLog
from seatrial.data.flow.tables import Table
from seatrial.data.flow.workers import ordered_map
from seatrial.data.flow.writers import Formulas, TableWriter, open_writer
from seatrial.data.sources.base import BadRow
from seatrial.data.usable import BadRows, usable_rows
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Row
from seatrial.spec.cleaning import CleaningStep, step_name

__all__ = ["FlowReport", "run_flow"]

MAX_BAD_ROWS = 100
PROGRESS_ROWS = 1000
REASONS_NAMED = 3
REDACT = "redact"


@dataclass(frozen=True, slots=True)
class FlowReport:
    """What became of the rows.

    Attributes:
        rows: read, bad ones included.
        kept: written to `out`.
        changed: of those, with at least one text changed.
        bad_rows: that could not be read.
        dropped: rows {step, reason, count}, the most frequent first, bad rows among them.
        changes: rows {step, change, count}.
        formulas: cells of the output that a spreadsheet would run.
        escaped: how many of them were made harmless.
        read_as: as in `Table`.
    """

    rows: int
    kept: int
    changed: int
    bad_rows: int
    dropped: Sequence[dict[str, Any]]
    changes: Sequence[dict[str, Any]]
    formulas: int
    escaped: int = 0
    read_as: Sequence[Mapping[str, str | None]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def run_flow(
    table: Table,
    steps: Sequence[CleaningStep],
    *,
    columns: Sequence[str],
    out: Path,
    dropped: Path,
    where: str = "steps",
    workers: int = 1,
    max_bad_rows: int = MAX_BAD_ROWS,
    formulas: Formulas = "keep",
    open_entities: OpenEntities | None = None,
    progress: Progress,
) -> FlowReport:
    """Send each row's texts through the steps. Where it fails, neither file is there.

    Nobody may read what is written who may not read all of the files.
    A missing text counts as an empty one, and stays missing unless a step makes something of it. A number or another
    value goes through the steps as it is written, so that nothing passes by them, and keeps its kind unless changed.
    A list or an object is no text: such a row is a bad one.

    Args:
        table: the rows.
        steps: names, or names with options, in order.
        columns: those that hold texts; a refusal of one drops the row.
        out: the file for what is kept; its ending tells the format.
        dropped: the JSONL file for what is not.
        where: dotted path of the steps, for messages.
        workers: processes.
        max_bad_rows: more rows than this that cannot be read stop the work.
        formulas: as in `open_writer`.
        open_entities: opens the models that steps name; sent to the other processes.
        progress: hears the rows done.

    Raises:
        SpecError: a step or an ending that cannot be meant.
        DataError: too many rows cannot be read, or a row does not fit the file.
    """
    build_cleaners(steps, where=where, open_entities=open_entities)  # a mistake is told here, not from another process
    with ExitStack() as stack:
        private = any(step_name(step) == REDACT for step in steps)
        mode = table.mode
        # what redact leaves out holds texts that could not be searched
        unpublished = stack.enter_context(atomic_file(dropped, mode=0o600 if private else mode))
        log = stack.enter_context(DropLog(unpublished))
        run = _Run(columns, private, log, stack.enter_context(open_writer(out, formulas=formulas, mode=mode)))
        done = ordered_map(
            _clean_texts,
            ((row, _texts(row, columns)) for row in run.readable(table, max_bad_rows)),
            sent=_second,
            workers=workers,
            prepare=_prepare,
            prepared_with=(list(steps), where, open_entities),
        )
        for (row, texts), results in done:
            run.take(row, texts, results)
            if run.rows % PROGRESS_ROWS == 0:
                progress("rows", run.rows)
        progress("rows", run.rows, run.rows)
        if not run.kept:
            raise DataError(
                f"no row is left of {run.rows:,}{_reasons(log)}",
                where=str(out),
                hint="choose other steps or other columns",
            )
        return run.report(table)


@dataclass(slots=True)
class _Run:
    """The counts of one flow, and where its rows go."""

    columns: Sequence[str]
    private: bool
    log: DropLog
    writer: TableWriter
    rows: int = 0
    kept: int = 0
    changed: int = 0
    bad: BadRows = field(default_factory=lambda: BadRows(0))
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def readable(self, table: Table, max_bad_rows: int) -> Iterator[Row]:
        """The rows that have every column; the others are logged, and too many of them stop the work."""
        self.bad = BadRows(
            max_bad_rows, lambda row: self.log.add("read", row.reason, row.text, row.provenance, row.where)
        )
        return usable_rows(self._counted(table.rows()), (), self.bad, texts=self.columns)

    def take(self, row: Row, texts: Sequence[str], results: Sequence[Cleaned]) -> None:
        """Write the row with its cleaned texts, or log why not."""
        refused = next((result.refused for result in results if result.refused), None)
        if refused is not None:
            # What redact took out of a text before a later step refused it is not written down.
            shown = [result.text for result in results] if self.private else texts
            self.log.add(*refused, " ".join(shown), row.provenance)
            return
        values = dict(row.values)
        for name, before, result in zip(self.columns, texts, results, strict=True):
            if result.text != before:
                values[name] = result.text
            self.changes.update(result.counts)
        self.writer.write(values)
        self.kept += 1
        self.changed += any(result.text != before for before, result in zip(texts, results, strict=True))

    def report(self, table: Table) -> FlowReport:
        """The counts so far."""
        return FlowReport(
            self.rows,
            self.kept,
            self.changed,
            self.bad.count,
            self.log.table(),
            change_table(self.changes),
            self.writer.formulas,
            self.writer.escaped,
            table.read_as,
        )

    def _counted(self, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        for row in rows:
            self.rows += 1
            yield row


def _texts(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell_text(row.values[name]) or "" for name in columns)


def _reasons(log: DropLog) -> str:
    named = "; ".join(f"{row['reason']} ({row['count']:,})" for row in log.table()[:REASONS_NAMED])
    return f": {named}" if named else ""


def _second(pair: tuple[Row, tuple[str, ...]]) -> tuple[str, ...]:
    return pair[1]


_steps: list[NamedCleaner] = []
"""The steps of this process, built once by `_prepare`."""


def _prepare(steps: Sequence[CleaningStep], where: str, open_entities: OpenEntities | None) -> None:
    _steps[:] = build_cleaners(steps, where=where, open_entities=open_entities)


def _clean_texts(rows: Sequence[tuple[str, ...]]) -> list[list[Cleaned]]:
    cleaned = iter(clean_texts([text for texts in rows for text in texts], _steps))
    return [[next(cleaned) for _ in texts] for texts in rows]
