"""DuckDB: the file read-only, no other file, no network, no extension, and no way for a query to change that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.sql.base import PAGE_ROWS, column_names, lost, one_line, query_error, records, single
from seatrial.errors import DataError, MissingExtraError

__all__ = ["MAGIC", "MAGIC_AT", "read_duckdb"]

MAGIC = b"DUCK"
MAGIC_AT = 8
LOCKED: dict[str, str | bool] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "python_enable_replacements": False,  # else a table's name could mean a variable of this program
    "temp_directory": "",
    "lock_configuration": True,
}


def read_duckdb(file: Path, query: str, max_row_bytes: int, where: str) -> Iterator[Record | BadRecord]:
    """The rows of one SELECT.

    Args:
        file: the database.
        query: one SELECT. What it sorts or groups must fit into memory, since nothing may be written.
        max_row_bytes: a longer row is a bad record.
        where: dotted path of the source.

    Raises:
        SpecError: DuckDB refuses the query, or it is something else than a SELECT.
        DataError: the file is damaged, or another program has it open for writing.
        MissingExtraError: duckdb is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("reading a DuckDB file", "data") from error
    text = single(query, where)
    try:
        connection = duckdb.connect(str(file.resolve()), read_only=True, config=dict(LOCKED))
    except duckdb.Error as error:
        raise DataError(
            f"cannot be opened: {one_line(error)}",
            where=str(file),
            hint="close the program that writes to it, or read a copy",
        ) from error
    done = 0
    try:
        try:
            statements = connection.extract_statements(text)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise query_error("it is something else than one SELECT", where)
            result = connection.execute(statements[0])
        except duckdb.Error as error:
            raise query_error(one_line(error), where) from error
        names = column_names([column[0] for column in result.description or ()], where)
        try:
            for record in records(_pages(result), names, max_row_bytes):
                done = record.line
                yield record
        except duckdb.Error as error:
            raise lost(one_line(error), done, where) from error
    finally:
        connection.close()


def _pages(result: Any) -> Iterator[Any]:
    while page := result.fetchmany(PAGE_ROWS):
        yield from page
