"""What the engines share: a row of a result → a record with plain values, and what is wrong with a query."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seatrial.data.sources.base import BadRecord, Record
from seatrial.errors import DataError, SpecError

__all__ = ["PAGE_ROWS", "Undecodable", "column_names", "lost", "one_line", "plain", "query_error", "records", "single"]

PAGE_ROWS = 1000


class Undecodable(bytes):
    """A text that is not in the encoding that the database says."""


def single(query: str, where: str) -> str:
    """The query without the semicolon at its end. Raises SpecError when nothing is left."""
    text = query.strip().rstrip(";").strip()
    if not text:
        raise SpecError("holds no query", where=f"{where}.sql", expected="one SELECT")
    return text


def column_names(names: Sequence[str], where: str) -> list[str]:
    """The columns of a result, each once. Raises SpecError when two have the same name, or there is none."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(names) < PAGE_ROWS else []
    if twice:
        raise SpecError(
            f"two columns of the result are called {twice[0]!r}", where=f"{where}.sql", hint="rename one: SELECT a AS b"
        )
    if not names:
        raise query_error("it gives no rows", where)
    return list(names)


def records(rows: Iterable[Sequence[Any]], names: Sequence[str], max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """Rows by column name, numbered from 1; values as JSON has them.

    Args:
        rows: as the engine gives them.
        names: of the columns.
        max_row_bytes: a row whose texts are longer in all is a bad record.
    """
    for line, row in enumerate(rows, start=1):
        size = sum(len(value) for value in row if isinstance(value, (str, bytes)))
        broken = next((name for name, value in zip(names, row, strict=True) if isinstance(value, Undecodable)), None)
        if size > max_row_bytes:
            yield BadRecord(line, f"longer than {max_row_bytes:,} bytes", _start(row), "raise data.max_row_bytes")
        elif broken is not None:
            yield BadRecord(line, f"column {broken!r} is not utf-8", _start(row), "correct it in the database")
        else:
            yield Record(line, {name: plain(value) for name, value in zip(names, row, strict=True)})


def plain(value: Any) -> Any:
    """A value of a database as JSON has it: numbers that are whole stay whole, dates become ISO 8601, bytes hex."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def query_error(reason: str, where: str) -> SpecError:
    """A query that the engine refuses."""
    return SpecError(
        f"the query cannot be run: {reason}",
        where=f"{where}.sql",
        expected="one SELECT that reads, and reads only this database",
        hint="try it in the database's own program",
    )


def lost(reason: str, done: int, where: str) -> DataError:
    """The database failed while rows were being read; none of them is used."""
    return DataError(
        f"reading stopped after {done:,} rows: {reason}",
        where=f"{where}.database",
        hint="check the database and run the same command again; nothing was written",
    )


def one_line(error: BaseException) -> str:
    """What an engine says, without its drawing of the place."""
    text = str(error).strip()
    return " ".join(text.partition("\n\n")[0].split())[:500] or type(error).__name__


def _start(row: Sequence[Any]) -> str:
    return ", ".join(str(value)[:60] for value in row[:5])[:200]
