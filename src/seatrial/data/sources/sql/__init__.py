"""One SELECT → rows, from a SQLite or DuckDB file or a PostgreSQL server; one file here per engine.

Inputs: a `Source` with `sql` and `database`. Output: records in the order the engine gives them, one page in memory at
a time. Promise: the query can write nothing; a database file's query can reach nothing but that file.
"""

from __future__ import annotations

from seatrial.data.sources.sql.read import database_digest, read_sql

__all__ = ["database_digest", "read_sql"]
