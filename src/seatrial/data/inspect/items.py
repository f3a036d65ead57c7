"""What is looked at: a text, its label and the part of the data it is in, from files or from a project's sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.data.base import ReadsRows
from seatrial.data.cells import cell_text, is_gap
from seatrial.data.dataset import read_split
from seatrial.data.flow.tables import Table
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.data.usable import readable_rows
from seatrial.records import SPLITS, Drop, Provenance
from seatrial.spec.data import DataSpec

__all__ = ["Item", "Unread", "items_of_prepared", "items_of_project", "items_of_table"]


@dataclass(frozen=True, slots=True)
class Item:
    """One row.

    Attributes:
        text: as it was read; empty where there is none.
        label: empty where there is none.
        part: the split or file it is in; what is in two parts leaks.
        provenance: source and row.
    """

    text: str
    label: str
    part: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be used, and why; equal reasons are counted together."""

    reason: str


def items_of_table(table: Table, *, text: str, label: str | None, split: str | None) -> Iterator[Item | Unread]:
    """The rows of files.

    Args:
        table: the files.
        text: the column with the text.
        label: the column with the label, or None.
        split: a column that says train, validation or test, or None: then every file is a part.
    """
    for row in readable_rows(table.rows(), (), texts=[text]):
        if isinstance(row, BadRow):
            yield Unread(row.reason)
        else:
            part = _written(row.values.get(split)) if split else row.provenance.source
            its_label = _written(row.values.get(label)) if label else ""
            yield Item(cell_text(row.values[text]) or "", its_label, part, row.provenance)


def items_of_project(data: DataSpec, *, task: ReadsRows, labels: Sequence[str], root: Path) -> Iterator[Item | Unread]:
    """The rows of a project's sources as its task reads them, before anything is cleaned; each source is a part,
    unless a column says the split.

    Args:
        data: the section of the project file.
        task: turns rows into examples.
        labels: declared label names, or empty.
        root: the project folder.
    """
    split, columns = data.split.column, task.columns(data)
    for place, source in enumerate(data.sources):
        where = f"data.sources.{place}"
        rows = read_rows(source, root=root, max_row_bytes=data.max_row_bytes, where=where)
        for row in readable_rows(rows, columns):
            if isinstance(row, BadRow):
                yield Unread(row.reason)
                continue
            example = task.example(row, data, labels)
            if isinstance(example, Drop):
                yield Unread(example.reason)
            else:
                part = _written(row.values.get(split)) if split else source.name
                yield Item(task.text(example), example.label, part, row.provenance)


def items_of_prepared(folder: Path, *, task: ReadsRows) -> Iterator[Item]:
    """The examples of a prepared data set, without augmented ones; each split is a part.

    Args:
        folder: the data set.
        task: gives texts.

    Raises:
        ArtifactError: a split is missing or damaged.
    """
    for split in SPLITS:
        for example in read_split(folder, split):
            if example.augmented is None:
                yield Item(task.text(example), example.label, split, example.provenance)


def _written(value: object) -> str:
    return "" if is_gap(value) else str(value)
