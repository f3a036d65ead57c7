"""Files of rows → one file with those rows and the new ones made from them, marked as what they are.

All texts are held in memory: which rows are taken depends on all of them. Refuses to know: the command line, models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.data.augment.augment import augment
from seatrial.data.augment.base import EncoderWords
from seatrial.data.augment.build import build_methods, needs_encoder
from seatrial.data.flow.tables import Table
from seatrial.data.flow.writers import Formulas, open_writer
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
        rows: of the files.
        made: new ones.
        table: rows {method, label, made}.
        left_out: rows {method, reason, count}.
    """

    rows: int
    made: int
    table: Sequence[dict[str, Any]]
    left_out: Sequence[dict[str, Any]]

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
    formulas: Formulas = "escape",
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
        formulas: as in `open_writer`.
        progress: hears the rows read and the steps.

    Raises:
        SpecError: a step cannot be meant.
        DataError: a row cannot be read, or has one of the columns `MARKS` already.
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
    rows = list(_rows(table, progress))
    examples = [_example(row, text, label) for row in rows]
    held = [_example(row, text, None) for row in _rows(held_out, progress)] if held_out is not None else []
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
    with open_writer(out, formulas=formulas) as writer:
        for row in rows:
            writer.write({**row.values, MARKS[0]: "", MARKS[1]: ""})
        for example in made.examples:
            assert example.augmented is not None
            origin = origins[example.augmented.origin]
            marks = {
                MARKS[0]: example.augmented.method,
                MARKS[1]: f"{origin.provenance.source}:{origin.provenance.row}",
            }
            writer.write({**origin.values, text: example.inputs["text"], **marks})
    return AugmentReport(len(rows), len(made.examples), made.table, made.left_out)


def _rows(table: Table, progress: Progress) -> Iterator[Row]:
    count = 0
    for count, row in enumerate(table.rows(), start=1):
        if isinstance(row, BadRow):
            raise DataError(row.reason, where=row.where, hint=row.hint or "clean the file first: seatrial data clean")
        if count % PROGRESS_ROWS == 0:
            progress("rows", count)
        yield row
    progress("rows", count, count)


def _example(row: Row, text: str, label: str | None) -> Example:
    place = f"row {row.provenance.row} of {row.provenance.source}"
    for column in (text, *([label] if label else [])):
        if column not in row.values:
            raise DataError(f"no column {column!r}", where=place, hint="clean the file first: seatrial data clean")
    identity = f"{row.provenance.source}\0{row.provenance.row}"
    value = row.values[text]
    named = "" if label is None else str(row.values[label])
    return Example(identity, {"text": "" if value is None else str(value)}, named, row.provenance)
