"""Which engine a database is of, and what its contents are known by without running the query."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.artifact.digest import file_digest, json_digest
from seatrial.artifact.unfinished import is_unfinished
from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.sql import duckdb, postgres, sqlite
from seatrial.errors import DataError
from seatrial.registry import did_you_mean
from seatrial.spec.data import Source
from seatrial.spec.data_sources import is_server

__all__ = ["database_digest", "read_sql"]


def read_sql(source: Source, root: Path, max_row_bytes: int, where: str) -> Iterator[Record | BadRecord]:
    """The rows of the source's query.

    Args:
        source: `sql`, `database` and `password_env` are read.
        root: the project folder, which relative paths start from.
        max_row_bytes: a longer row is a bad record.
        where: dotted path of the source in the project file.

    Raises:
        SpecError: the query does something else than read this database, or cannot be run.
        ResolveError: no connection to the server.
        DataError: no such file, not a database, or reading stopped in the middle.
        OfflineError: the server is on another machine, and the network is forbidden.
        MissingExtraError: the engine's package is not installed.
    """
    assert source.sql is not None
    assert source.database is not None
    if is_server(source.database):
        return postgres.read_postgres(source.database, source.sql, source.password_env, max_row_bytes, where)
    file = _file(source.database, root, where)
    if _is_duckdb(file):
        return duckdb.read_duckdb(file, source.sql, max_row_bytes, where)
    return sqlite.read_sqlite(file, source.sql, max_row_bytes, where)


def database_digest(source: Source, root: Path, where: str) -> str:
    """What the rows are known by before they are read: the file's SHA-256 (with its journal's), or the revision.

    For a server without a revision this says nothing about the rows, so the result of reading must not be reused.

    Raises:
        DataError: no such file, or not a database.
    """
    assert source.database is not None
    if is_server(source.database):
        return json_digest({"database": source.database, "sql": source.sql, "revision": source.revision})
    file = _file(source.database, root, where)
    beside = sqlite.journals(file) if not _is_duckdb(file) else [file.with_name(file.name + ".wal")]
    digests = [file_digest(path) for path in (file, *beside) if path == file or path.exists()]
    return digests[0] if len(digests) == 1 else json_digest(digests)


def _file(database: str, root: Path, where: str) -> Path:
    file = root / Path(database).expanduser()
    if not file.is_file():
        nearby = file.parent.iterdir() if file.parent.is_dir() else ()
        around = [path.name for path in nearby if path.is_file() and not is_unfinished(path)]
        raise DataError(
            f"there is no file {database}",
            where=f"{where}.database",
            expected=f"a SQLite or DuckDB file at {file}",
            hint=did_you_mean(file.name, around[:20]) or "paths are relative to the project file",
        )
    with file.open("rb") as stream:
        start = stream.read(16)
    if not start.startswith(sqlite.MAGIC) and start[duckdb.MAGIC_AT :][:4] != duckdb.MAGIC:
        raise DataError(
            "is neither a SQLite nor a DuckDB file",
            where=str(file),
            hint="name a CSV, JSONL or Parquet file with `path`" if start else "the file is empty",
        )
    return file


def _is_duckdb(file: Path) -> bool:
    with file.open("rb") as stream:
        return not stream.read(16).startswith(sqlite.MAGIC)
