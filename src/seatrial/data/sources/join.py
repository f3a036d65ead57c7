"""A second file whose columns go to the rows with the same key. It is held in memory; the first file is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.data.sources.base import BadRecord, Record
from seatrial.errors import DataError
from seatrial.registry import did_you_mean

__all__ = ["Partner"]


class Partner:
    """The second file by key.

    Args:
        on: the column that holds the key in both files.
        name: the second file's name for messages.
    """

    def __init__(self, on: str, name: str) -> None:
        self.on = on
        self.name = name
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._asked: dict[str, str] = {}

    def add(self, record: Record) -> None:
        """Take in a record of the second file. Raises DataError when its key is missing or was there before."""
        key = self._key(record, f"{self.name}:{record.line}")
        if key in self._rows:
            raise self._twice(key, f"{self.name}:{record.line}", "another row")
        self._rows[key] = record.values

    def join(self, record: Record, name: str) -> Record | BadRecord:
        """A record of the first file with its partner's columns; its own win where both have one.

        Raises:
            DataError: its key is missing or was asked for before.
        """
        where = f"{name}:{record.line}"
        key = self._key(record, where)
        if key in self._asked:
            raise self._twice(key, where, self._asked[key])
        self._asked[key] = where
        partner = self._rows.get(key)
        if partner is None:
            return BadRecord(record.line, f"no row with the same {self.on} in {self.name}", f"{self.on}={key}"[:200])
        return Record(record.line, {**partner, **record.values})

    def _key(self, record: Record, where: str) -> str:
        if self.on not in record.values:
            raise DataError(
                f"there is no column {self.on!r} to join on",
                where=where,
                expected=f"one of {', '.join(record.values)}",
                hint=did_you_mean(self.on, record.values),
            )
        return str(record.values[self.on])

    def _twice(self, key: str, where: str, other: str) -> DataError:
        return DataError(
            f"the key {self.on}={key!r} is also that of {other}",
            where=where,
            expected="a key that is unique in both files",
            hint="join on another column, or remove the copy",
        )
