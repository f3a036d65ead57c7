"""The answers of raters in one SQLite file: items, people, and a history that only grows.

Every answer is on disk before `record` returns: write-ahead log, synced at each commit. Triggers refuse to change or
delete history. Several processes may use one file; each takes in what others wrote before it writes. Refuses to know:
pages, requests and which item comes next.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seatrial.data.annotate.standing import Event, Kind, Standing
from seatrial.data.annotate.store_file import Setup, open_store_file, setup_json, told, transaction
from seatrial.errors import DataError

__all__ = ["Item", "Setup", "Store"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something to label: its name, its text and the whole row it came from."""

    id: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Store:
    """One file of answers. Safe to use from several threads.

    Args:
        path: the file.
        setup: to make a new file, or to be held against that of the one that is there; None to open one that is there.

    Attributes:
        path: the file.
        setup: what is asked.
        standing: what stands, as of the last write or `refresh`.

    Raises:
        ArtifactError: there is no such file and no setup, it is no store, or it cannot be read or written.
        SpecError: the file was begun with other labels or another setup.
    """

    def __init__(self, path: Path, setup: Setup | None = None) -> None:
        self.path = path
        self.standing = Standing()
        self._lock = threading.RLock()
        self._db, self.setup = open_store_file(path, setup)
        self.refresh()

    def close(self) -> None:
        """Close the file; what was recorded is in it already."""
        with self._lock:
            self._db.close()

    def add_items(self, items: Iterable[Item]) -> int:
        """Add items that are not there yet, all or none.

        Returns:
            How many are new.

        Raises:
            DataError: an item is there with another text.
        """
        added = 0
        with self._writing():
            for item in items:
                content = json.dumps(dict(item.values), ensure_ascii=True, default=str)
                row = (item.id, _storable(item.text), content)
                new = self._db.execute("INSERT OR IGNORE INTO items (id, text, content) VALUES (?, ?, ?)", row).rowcount
                if not new and self.item(item.id).text != row[1]:
                    raise DataError(
                        f"item {item.id!r} has another text than before",
                        where=str(self.path),
                        hint="name the column that tells items apart with --item, or begin another store",
                    )
                added += new
        return added

    def add_raters(self, names: Iterable[str], *, decide: bool = False) -> None:
        """Let people answer, or with `decide` also decide where others differ."""
        with self._writing():
            for name in names:
                self._db.execute("INSERT OR IGNORE INTO raters (name) VALUES (?)", (name,))
                if decide:
                    self._db.execute("UPDATE raters SET decides = 1 WHERE name = ?", (name,))

    def set_guidelines(self, guidelines: str) -> None:
        """Show these from now on."""
        self.setup = replace(self.setup, guidelines=guidelines)
        with self._writing():
            self._db.execute("UPDATE setup SET content = ?", (setup_json(self.setup),))

    def set_key(self, name: str, key: str) -> None:
        """From now on `key` names this rater. At rest is its SHA-256 only: keys are random and long."""
        with self._writing():
            self._db.execute("UPDATE raters SET key_hash = ? WHERE name = ?", (_hash(key), name))

    def raters(self) -> dict[str, bool]:
        """Name → whether this person may decide, in the order they were added."""
        with self._reading() as db:
            return {
                name: bool(decides) for name, decides in db.execute("SELECT name, decides FROM raters ORDER BY rowid")
            }

    def without_key(self) -> list[str]:
        """Raters who have no key yet."""
        with self._reading() as db:
            return [name for (name,) in db.execute("SELECT name FROM raters WHERE key_hash IS NULL ORDER BY rowid")]

    def rater_of(self, key: str) -> str | None:
        """Whose key this is."""
        given, found = _hash(key), None
        with self._reading() as db:
            for name, known in db.execute("SELECT name, key_hash FROM raters WHERE key_hash IS NOT NULL"):
                if hmac.compare_digest(known, given):
                    found = name
        return found

    def ids(self) -> list[str]:
        """The items in the order they were added."""
        with self._reading() as db:
            return [row[0] for row in db.execute("SELECT id FROM items ORDER BY place")]

    def item(self, name: str) -> Item:
        """One item.

        Raises:
            DataError: there is none of this name.
        """
        found = next(iter(self.items([name])), None)
        if found is None:
            raise DataError(f"there is no item {name[:80]!r}", where=str(self.path))
        return found

    def items(self, names: Sequence[str] | None = None) -> Iterator[Item]:
        """Items by name, or all in order, one at a time."""
        select = "SELECT id, text, content FROM items "
        if names is not None:
            for name in names:
                with self._reading() as db:
                    row = db.execute(select + "WHERE id = ?", (name,)).fetchone()
                if row:
                    yield Item(row[0], row[1], json.loads(row[2]))
            return
        last = 0
        while True:
            with self._reading() as db:
                rows = db.execute(
                    "SELECT place, id, text, content FROM items WHERE place > ? ORDER BY place LIMIT 500", (last,)
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (Item(row[1], row[2], json.loads(row[3])) for row in rows)

    def search(self, words: str, *, limit: int = 50) -> list[Item]:
        """Items whose text holds `words`, case aside."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT id, text FROM items WHERE instr(fold(text), fold(?)) ORDER BY place LIMIT ?", (words, limit)
            ).fetchall()
        return [Item(*row) for row in rows]

    def record(self, rater: str, item: str, kind: Kind, label: str = "", *, token: str, took_s: float = 0.0) -> Event:
        """Write what somebody did; on return it is on disk.

        Args:
            rater: who, one of `raters`.
            item: about what; ignored for an undo, which takes back the rater's latest.
            kind: what was done.
            label: the answer, one of the labels; empty for a skip and an undo.
            token: names this act; the same act sent twice is written once.
            took_s: how long it took, in seconds.

        Raises:
            DataError: there is no such item, rater or label, or nothing to take back.
        """
        if (kind in ("answer", "decide")) != (label in self.setup.labels):
            raise DataError(
                f"{label[:80]!r} is no label", where="label", expected=f"one of {', '.join(self.setup.labels)}"
            )
        with self._writing():
            known = self._db.execute("SELECT * FROM events WHERE token = ?", (token,)).fetchone()
            if known is not None:
                return _event(known)
            if kind == "undo":
                latest = self.standing.latest(rater)
                if latest is None:
                    raise DataError("there is nothing to take back", where=rater)
                item = latest.item
            row = (token, rater, item, kind, label, time.time(), took_s)
            try:
                self._db.execute(
                    "INSERT INTO events (token, rater, item, kind, label, at_s, took_s) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
            except sqlite3.IntegrityError as error:
                raise DataError(
                    f"there is no item {item[:80]!r} or no rater {rater[:80]!r}", where=str(self.path)
                ) from error
            written = _event(self._db.execute("SELECT * FROM events WHERE token = ?", (token,)).fetchone())
        self.refresh()
        return written

    def refresh(self) -> None:
        """Take in what was written since, here or by another process."""
        with self._reading() as db:
            for row in db.execute("SELECT * FROM events WHERE number > ? ORDER BY number", (self.standing.number,)):
                self.standing.apply(_event(row))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told(self.path):
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, begun after everything that others wrote was taken in."""
        with self._lock, told(self.path), transaction(self._db):
            self.refresh()
            yield


def _event(row: Sequence[Any]) -> Event:
    number, _, rater, item, kind, label, at_s, took_s = row
    return Event(number, rater, item, kind, label, at_s, took_s)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _storable(text: str) -> str:
    """The text without halves of surrogate pairs, which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
