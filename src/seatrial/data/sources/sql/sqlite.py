"""SQLite through Python's own `sqlite3`: read-only, and only what a SELECT on this one file needs is allowed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.sql.base import Undecodable, column_names, lost, one_line, query_error, records, single
from seatrial.errors import DataError

__all__ = ["MAGIC", "journals", "read_sqlite"]

MAGIC = b"SQLite format 3\0"
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
FILE_FAULTS = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY,
               sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PROTOCOL}  # fmt: skip
"""Codes that are about the file; all others at the start are about the query."""
FULL_TEXT = {(sqlite3.SQLITE_PRAGMA, "data_version", None)}
SCHEMA = (sqlite3.SQLITE_UPDATE, "sqlite_master")
"""What full-text search does for itself when a query uses it. The schema cannot be written: the file is read-only."""
FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}


def read_sqlite(file: Path, query: str, max_row_bytes: int, where: str) -> Iterator[Record | BadRecord]:
    """The rows of one SELECT.

    Args:
        file: the database.
        query: one SELECT.
        max_row_bytes: a longer row is a bad record.
        where: dotted path of the source.

    Raises:
        SpecError: SQLite refuses the query, or it does more than read this file.
        DataError: the file is damaged, or was changed while it was read.
    """
    # A database that nobody is writing to is opened as one that cannot change: no lock, no file beside it. One with a
    # journal is live, and its newest rows are in the journal.
    live = any(journal.exists() for journal in journals(file))
    mode = "mode=ro" if live else "mode=ro&immutable=1"
    before = file.stat()
    done = 0
    connection = sqlite3.connect(f"file:{quote(str(file.resolve()))}?{mode}", uri=True, isolation_level=None)
    try:
        connection.text_factory = _text
        connection.set_authorizer(_only_reading)
        try:
            cursor = connection.execute(single(query, where))
        except (sqlite3.Error, sqlite3.Warning) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in FILE_FAULTS:
                raise lost(one_line(error), 0, where) from error
            raise query_error(one_line(error), where) from error
        names = column_names([column[0] for column in cursor.description or ()], where)
        try:
            for record in records(cursor, names, max_row_bytes):
                done = record.line
                yield record
        except sqlite3.Error as error:
            raise lost(one_line(error), done, where) from error
    finally:
        connection.close()
    after = file.stat()
    if not live and (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise DataError(
            "was changed while it was read", where=str(file), hint="run again when nothing writes to it, or read a copy"
        )


def journals(file: Path) -> list[Path]:
    """Where SQLite keeps changes that are not yet in the file."""
    return [file.with_name(file.name + ending) for ending in ("-wal", "-journal")]


def _text(content: bytes) -> str | Undecodable:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return Undecodable(content)


def _only_reading(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    if action in READING:
        function = second if action == sqlite3.SQLITE_FUNCTION else None
        allowed = function not in FORBIDDEN_FUNCTIONS and not (first or "").startswith("pragma_")
    else:
        allowed = (action, first, second) in FULL_TEXT or (action, first) == SCHEMA
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
