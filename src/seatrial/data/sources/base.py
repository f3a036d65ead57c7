"""What every file format promises, and what a source hands on. Refuses to know where a file lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from seatrial.records import Provenance
from seatrial.spec.data import Place

__all__ = ["MAX_COLUMNS", "BadRecord", "BadRow", "Reader", "Record"]

MAX_COLUMNS = 10_000
"""Each row is a mapping from column to value; a table that is wider was not meant as texts with labels."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file. `line` is where it begins, 1-based (a row number where the format has no lines)."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be read, and why.

    Attributes:
        line: where it begins, 1-based.
        reason: what is wrong with it; equal reasons are counted together, so it holds no values.
        text: the start of it, to recognise it by.
        hint: the next thing to do, if there is something.
    """

    line: int
    reason: str
    text: str = ""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A `BadRecord` with its place: `where` is ``file:line``."""

    provenance: Provenance
    where: str
    reason: str
    text: str = ""
    hint: str | None = None


class Reader(Protocol):
    """A file format: bytes → records, lazily, in order. It goes on after a bad record where the format allows it."""

    def __call__(self, stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
        """Read the records of one file.

        Args:
            stream: the file's bytes, unpacked; not necessarily seekable.
            name: the file's name for messages.
            place: header, encoding, delimiter and quoting.
            max_row_bytes: a longer line is a bad record and is never held in memory whole.

        Raises:
            DataError: the file as a whole cannot be read.
        """
