"""The SQLite file of a store: its tables, how it is begun and opened, and what is told when it cannot be used.

Refuses to know: what is asked of the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from seatrial.errors import ArtifactError, SpecError

__all__ = ["Setup", "open_store_file", "setup_json", "told", "transaction"]

APPLICATION = 0x53544C42  # "STLB": tells the file from other SQLite files
VERSION = 1
BUSY_S = 30.0
SCHEMA = """
CREATE TABLE setup (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL);
CREATE TABLE items (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE raters (name TEXT PRIMARY KEY, decides INTEGER NOT NULL DEFAULT 0, key_hash TEXT);
CREATE TABLE events (
  number INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE, rater TEXT NOT NULL REFERENCES raters (name),
  item TEXT NOT NULL REFERENCES items (id), kind TEXT NOT NULL CHECK (kind IN ('answer', 'skip', 'decide', 'undo')),
  label TEXT NOT NULL, at_s REAL NOT NULL, took_s REAL NOT NULL
);
CREATE TRIGGER no_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'history is not changed'); END;
CREATE TRIGGER no_loss BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'history is not deleted'); END;
"""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is asked about every item; it stays the same over the life of a store, except for the guidelines.

    Attributes:
        labels: the possible answers, in order.
        text: the column with the text.
        per_item: raters who shall answer each item, at least 1.
        seed: of the order of the items.
        guidelines: shown to raters as plain text.
    """

    labels: tuple[str, ...]
    text: str = "text"
    per_item: int = 1
    seed: int = 0
    guidelines: str = ""


def open_store_file(path: Path, setup: Setup | None) -> tuple[sqlite3.Connection, Setup]:
    """Open the file, or begin it.

    Args:
        path: the file.
        setup: to begin a new one, or to be held against that of the one that is there; None to open one that is there.

    Returns:
        The connection, for any thread, one at a time; and the setup that the file has.

    Raises:
        ArtifactError: there is no such file and no setup, it is no store, or it cannot be read or written.
        SpecError: the file was begun with another setup.
    """
    if setup is None and not path.is_file():
        raise ArtifactError("there is no store", where=str(path), hint="name the data file and --labels to begin one")
    with told(path):
        db = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False, isolation_level=None)
    try:
        with told(path):
            return db, _opened(db, path, setup)
    except BaseException:
        db.close()
        raise


def setup_json(setup: Setup) -> str:
    """The setup as it is kept."""
    return json.dumps(asdict(setup))


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What SQLite says, in our words."""
    try:
        yield
    except sqlite3.Error as error:
        raise ArtifactError(
            f"cannot use {path.name}: {error}",
            where=str(path.parent),
            hint="check that it is a store of labels, that you may write there, and that the disk has space",
        ) from error


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing of what the block writes, and nobody else writes meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _opened(db: sqlite3.Connection, path: Path, setup: Setup | None) -> Setup:
    db.create_function("fold", 1, lambda text: text.casefold(), deterministic=True)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")  # a commit returns when the log is on disk
    if setup is not None and not _tables(db):
        db.execute("PRAGMA journal_mode = WAL")
        with transaction(db):
            if not _tables(db):  # another process may have been quicker
                for statement in _statements(SCHEMA):
                    db.execute(statement)
                db.execute("INSERT INTO setup VALUES (1, ?)", (setup_json(setup),))
                db.execute(f"PRAGMA application_id = {APPLICATION}")
                db.execute(f"PRAGMA user_version = {VERSION}")
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise ArtifactError("this is no store of labels", where=str(path), hint="name another file")
    if (version := db.execute("PRAGMA user_version").fetchone()[0]) != VERSION:
        raise ArtifactError(f"this store has the form {version}, not {VERSION}", where=str(path))
    raw = json.loads(db.execute("SELECT content FROM setup").fetchone()[0])
    return _same(Setup(**{**raw, "labels": tuple(raw["labels"])}), setup, path)


def _tables(db: sqlite3.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return count


def _same(known: Setup, asked: Setup | None, path: Path) -> Setup:
    """The store's own setup, if what was asked fits it."""
    for name in ("labels", "text", "per_item", "seed"):
        if asked is not None and getattr(known, name) != getattr(asked, name):
            raise SpecError(
                f"the store was begun with {name} {getattr(known, name)!r}, not {getattr(asked, name)!r}",
                where=str(path),
                hint="give the same, or begin another store",
            )
    return known


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, which `executescript` would run outside of the transaction."""
    found = ""
    for line in script.strip().splitlines(keepends=True):
        found += line
        if sqlite3.complete_statement(found):
            yield found
            found = ""
