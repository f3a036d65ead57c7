"""The comparison itself: both sides into a temporary database on disk, then what differs out of it.

A key that comes again within a side counts as a copy; its first row stands for all.
"""

# ruff: noqa: S608 - the queries are put together from constants of this file, and values are bound
from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.data.sources.base import BadRow
from seatrial.data.usable import BadRows
from seatrial.data.versions.shifts import class_shift, length_shift
from seatrial.data.versions.sides import Side, digest
from seatrial.progress import Progress

__all__ = ["Change", "Diff", "diff"]

HEAD_CHARACTERS = 300
CACHE_KIB = 65_536
CHUNK = 5_000
TABLES = ("a", "b")
COLUMNS = "key, n, text, label, split, others, length, head, place"
PARTS = ("text", "label", "split", "others")
NAMES = {"others": "other columns"}
CHANGED = " OR ".join(f"a.{part} IS NOT b.{part}" for part in PARTS)
MAX_PAIRS = 100
"""Rows of a table of changes, the most frequent first."""

Change = dict[str, Any]
"""``{"change": "added" | "removed" | "changed", "parts": […], "a": …, "b": …}``; a and b are text start, label, split,
place, or None."""


@dataclass(slots=True)
class Diff:
    """What differs between version a and version b.

    Attributes:
        by: ``"id"`` or ``"text"``.
        rows: per side: rows, bad rows, and copies (rows whose key came before).
        added, removed, same: keys only in b, only in a, and in both with nothing changed.
        changed: keys in both that differ, by the part that does: text, label, split, other columns. One row may count
            under several; `changed_rows` counts it once.
        label_changes: rows {from, to, count}.
        split_changes: the same.
        classes: rows {label, a, b, share_a, share_b}; `class_distance` is the total variation distance, 0 to 1.
        lengths: of texts in characters, per side; `length_distance` is the Kolmogorov-Smirnov statistic, 0 to 1.
        examples: the first few changes of each kind.
    """

    by: str
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    added: int = 0
    removed: int = 0
    same: int = 0
    changed_rows: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    label_changes: list[dict[str, Any]] = field(default_factory=list)
    split_changes: list[dict[str, Any]] = field(default_factory=list)
    classes: list[dict[str, Any]] = field(default_factory=list)
    class_distance: float = 0.0
    lengths: dict[str, dict[str, float]] = field(default_factory=dict)
    length_distance: float = 0.0
    examples: list[Change] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@contextmanager
def diff(a: Side, b: Side, *, examples: int = 5, max_bad_rows: int = 100, progress: Progress) -> Iterator[Any]:
    """Compare two versions.

    Args:
        a: the version before.
        b: the version after.
        examples: how many changes of each kind to keep in the result.
        max_bad_rows: more rows than this that cannot be read, in one side, stop it.
        progress: hears the rows read.

    Yields:
        The `Diff` and an iterator of all changes, which can be read within the block.

    Raises:
        DataError: a side cannot be read, or holds too many bad rows.
    """
    with tempfile.TemporaryDirectory(prefix="seatrial-diff-") as folder:
        database = sqlite3.connect(Path(folder) / "rows", isolation_level=None)
        try:
            # What is lost with the process is not needed any more: no journal, no syncing.
            database.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_KIB}"
            )
            database.execute("BEGIN")
            result = Diff(by="id" if a.key else "text")
            for table, side in zip(TABLES, (a, b), strict=True):
                result.rows[table] = _load(database, table, side, max_bad_rows, progress)
            _count(database, result)
            _shifts(database, result)
            for kind in ("added", "removed", "changed"):
                found = _changes(database, kind)
                result.examples += [change for change, _ in zip(found, range(examples), strict=False)]
            yield result, (change for kind in ("removed", "added", "changed") for change in _changes(database, kind))
        finally:
            database.close()


def _load(
    database: sqlite3.Connection, table: str, side: Side, max_bad_rows: int, progress: Progress
) -> dict[str, int]:
    database.execute(
        f"CREATE TABLE {table} (key BLOB PRIMARY KEY, n INT, text BLOB, label TEXT, split TEXT, others BLOB, "
        "length INT, head TEXT, place TEXT) WITHOUT ROWID"
    )
    insert = f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    rows = 0
    bad = BadRows(max_bad_rows, hint="correct them, or raise --max-bad-rows")
    waiting: list[tuple[Any, ...]] = []
    for item in side.items():
        rows += 1
        if isinstance(item, BadRow):
            bad.add(item)
            continue
        text = item.text
        head = text[:HEAD_CHARACTERS].encode("utf-8", errors="replace").decode()
        values = (digest(item.key), rows, digest(text), _storable(item.label), item.split, item.others, len(text))
        waiting.append((*values, head, item.where))
        if len(waiting) == CHUNK:
            database.executemany(insert, waiting)
            waiting.clear()
            progress(f"rows of {side.name}", rows)
    database.executemany(insert, waiting)
    progress(f"rows of {side.name}", rows, rows)
    kept = _number(database, f"SELECT count(*) FROM {table}")
    return {"rows": rows, "bad_rows": bad.count, "copies": rows - bad.count - kept}


def _count(database: sqlite3.Connection, result: Diff) -> None:
    result.added = _number(database, "SELECT count(*) FROM b WHERE key NOT IN (SELECT key FROM a)")
    result.removed = _number(database, "SELECT count(*) FROM a WHERE key NOT IN (SELECT key FROM b)")
    both = _number(database, "SELECT count(*) FROM a JOIN b USING (key)")
    result.changed_rows = _number(database, f"SELECT count(*) FROM a JOIN b USING (key) WHERE {CHANGED}")
    result.same = both - result.changed_rows
    for part in PARTS:
        count = f"SELECT count(*) FROM a JOIN b USING (key) WHERE a.{part} IS NOT b.{part}"
        result.changed[NAMES.get(part, part)] = _number(database, count)
    result.label_changes = _pairs(database, "label")
    result.split_changes = _pairs(database, "split")


def _pairs(database: sqlite3.Connection, part: str) -> list[dict[str, Any]]:
    query = (
        f"SELECT a.{part}, b.{part}, count(*) FROM a JOIN b USING (key) WHERE a.{part} IS NOT b.{part} "
        "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ?"
    )
    found = database.execute(query, (MAX_PAIRS,))
    return [{"from": before, "to": after, "count": count} for before, after, count in found]


def _shifts(database: sqlite3.Connection, result: Diff) -> None:
    labels = (
        "SELECT label, sum(a), sum(b) FROM (SELECT label, 1 AS a, 0 AS b FROM a UNION ALL SELECT label, 0, 1 FROM b) "
        "GROUP BY label ORDER BY sum(a) + sum(b) DESC, label"
    )
    result.classes, result.class_distance = class_shift(database.execute(labels), _distinct(result), MAX_PAIRS)
    lengths = (
        "SELECT length, sum(a), sum(b) FROM (SELECT length, 1 AS a, 0 AS b FROM a UNION ALL "
        "SELECT length, 0, 1 FROM b) GROUP BY length ORDER BY length"
    )
    result.lengths, result.length_distance = length_shift(database.execute(lengths).fetchall())


def _distinct(result: Diff) -> tuple[int, int]:
    """How many keys each side has."""
    both = result.same + result.changed_rows
    return both + result.removed, both + result.added


def _changes(database: sqlite3.Connection, kind: str) -> Iterator[Change]:
    """All changes of one kind, in the order of the rows."""
    shown = {table: ", ".join(f"{table}.{name}" for name in ("head", "label", "split", "place")) for table in TABLES}
    if kind == "changed":
        query = f"SELECT {shown['a']}, {shown['b']}, " + ", ".join(f"a.{part} IS NOT b.{part}" for part in PARTS)
        for row in database.execute(f"{query} FROM a JOIN b USING (key) WHERE {CHANGED} ORDER BY b.n"):
            parts = [NAMES.get(part, part) for part, differs in zip(PARTS, row[8:], strict=True) if differs]
            yield {"change": kind, "parts": parts, "a": _shown(row[:4]), "b": _shown(row[4:8])}
        return
    has, lacks = ("b", "a") if kind == "added" else ("a", "b")
    query = f"SELECT {shown[has]} FROM {has} WHERE key NOT IN (SELECT key FROM {lacks}) ORDER BY n"
    for row in database.execute(query):
        yield {"change": kind, "parts": [], lacks: None, has: _shown(row)}


def _shown(row: tuple[Any, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(("text", "label", "split", "where"), row, strict=True) if value != ""}


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode()


def _number(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])
