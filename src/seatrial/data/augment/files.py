"""Files of rows → one file with those rows and the new ones made from them, marked as what they are.

All texts are held in memory: which rows are taken depends on all of them. Refuses to know: the command line, models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.data.augment.augment import augment
from seatrial.data.augment.base import EncoderWords
from seatrial.data.augment.build import build_methods, needs_encoder
from seatrial.data.flow.tables import Table
from seatrial.data.flow.writers import Formulas, TableWriter, open_writer
from seatrial.data.sources.base import BadRow
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import Example, Row
from seatrial.spec.data_augment import Augmentation

__all__ = ["MARKS", "AugmentReport", "augment_files"]

MARKS = ("augmented", "augmented_from")
"""Columns of the output: the method, and source and row that a new row was made from; empty in rows of the files."""
PROGRESS_ROWS = 1000


@dataclass(frozen=True, slots=True)
class AugmentReport:
    """What was made.

    Attributes:
        rows: of the files, without the bad ones.
        bad_rows: that could not be read, or lack a column; they are left out.
        made: new ones.
        table: rows {method, label, made}.
        left_out: rows {method, reason, count}.
        formulas: cells of the output that a spreadsheet would run.
        escaped: how many of them were made harmless.
        read_as: as in `Table`.
    """

    rows: int
    bad_rows: int
    made: int
    table: Sequence[dict[str, Any]]
    left_out: Sequence[dict[str, Any]]
    formulas: int = 0
    escaped: int = 0
    read_as: Sequence[Mapping[str, str | None]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


class _Text:
    """Where the text of these examples is."""

    def text(self, example: Example) -> str:
        return example.inputs["text"]

    def with_text(self, example: Example, text: str) -> Example:
        return replace(example, inputs={"text": text})


def augment_files(
    table: Table,
    steps: Sequence[Augmentation],
    *,
    text: str,
    label: str | None,
    out: Path,
    held_out: Table | None = None,
    near: float | None = 0.8,
    seed: int = 17,
    encoder: Callable[[Sequence[str]], EncoderWords] | None = None,
    max_bad_rows: int = 100,
    formulas: Formulas = "keep",
    progress: Progress,
) -> AugmentReport:
    """Write the rows and what the steps make of them.

    Args:
        table: training rows.
        steps: as in the project file.
        text: the column with the text.
        label: the column with the label, or None.
        out: the file to write; its ending tells the format.
        held_out: rows of validation and test; nothing like them is made.
        near: Jaccard similarity from which a new text is too like one of them; None checks for exact copies only.
        seed: the same arguments give the same rows.
        encoder: texts → what an encoder knows about words, for steps that ask.
        max_bad_rows: more rows than this that cannot be read stop the work.
        formulas: as in `open_writer`.
        progress: hears the rows read and the steps.

    Raises:
        SpecError: a step cannot be meant.
        DataError: too many rows cannot be read, or there is one of the columns `MARKS` already.
        SeatrialError: a step needs an encoder and there is none.
    """
    build_methods(steps, where="--step")
    taken = next((mark for mark in MARKS if mark in table.columns), None)
    if taken is not None:
        raise DataError(
            f"there is a column {taken!r} already",
            where=table.sources[0].name,
            hint="augment the rows that were not made artificially, or rename it",
        )
    bad: list[BadRow] = []
    rows = list(_rows(table, (text, *([label] if label else [])), bad, max_bad_rows, progress))
    examples = [_example(number, row, text, label) for number, row in enumerate(rows)]
    held_rows = _rows(held_out, (text,), bad, max_bad_rows, progress) if held_out else ()
    held = [_example(number, row, text, None) for number, row in enumerate(held_rows)]
    texts = [example.inputs["text"] for example in examples]
    made = augment(
        examples,
        steps,
        task=_Text(),
        held_out=held,
        near=near,
        seed=seed,
        root=Path.cwd(),
        encoder=encoder(texts) if encoder is not None and needs_encoder(steps) else None,
        progress=progress,
    )
    origins = {example.id: row for example, row in zip(examples, rows, strict=True)}
    with open_writer(out, formulas=formulas, mode=table.mode) as writer:
        _write(writer, origins, made.examples, text)
    return AugmentReport(
        len(rows),
        len(bad),
        len(made.examples),
        made.table,
        made.left_out,
        writer.formulas,
        writer.escaped,
        table.read_as,
    )


def _write(writer: TableWriter, origins: Mapping[str, Row], made: Sequence[Example], text: str) -> None:
    """The rows as they were, then what was made of them.

    Args:
        writer: takes them.
        origins: id of an example → the row that it comes from, in order.
        made: new examples.
        text: the column with the text.
    """
    for row in origins.values():
        writer.write({**row.values, MARKS[0]: "", MARKS[1]: ""})
    for example in made:
        assert example.augmented is not None
        origin = origins[example.augmented.origin]
        source = f"{origin.provenance.source}:{origin.provenance.row}"
        marks = {MARKS[0]: example.augmented.method, MARKS[1]: source}
        writer.write({**origin.values, text: example.inputs["text"], **marks})


def _rows(
    table: Table, columns: Sequence[str], bad: list[BadRow], max_bad_rows: int, progress: Progress
) -> Iterator[Row]:
    """Rows that can be read and have the columns; the others go into `bad`."""
    count = 0
    for count, row in enumerate(table.rows(), start=1):
        if count % PROGRESS_ROWS == 0:
            progress("rows", count)
        refused = row if isinstance(row, BadRow) else _incomplete(row, columns)
        if refused is None:
            assert isinstance(row, Row)
            yield row
            continue
        bad.append(refused)
        if len(bad) > max_bad_rows:
            raise DataError(
                f"{refused.reason}; more than {max_bad_rows} rows cannot be read",
                where=refused.where,
                hint=refused.hint or "correct them, or allow more with --max-bad-rows",
            )
    progress("rows", count, count)


def _incomplete(row: Row, columns: Sequence[str]) -> BadRow | None:
    missing = next((name for name in columns if name not in row.values), None)
    if missing is None:
        return None
    place = f"row {row.provenance.row} of {row.provenance.source}"
    return BadRow(row.provenance, place, f"no column {missing!r}", "")


def _example(number: int, row: Row, text: str, label: str | None) -> Example:
    identity = str(number)  # not the path: the same rows in another folder give the same new ones
    value = row.values[text]
    named = "" if label is None else str(row.values[label])
    return Example(identity, {"text": "" if value is None else str(value)}, named, row.provenance)
