"""Queries to database files: what they give, what they may not do, and what is wrong with some files."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from seatrial.data.prepare import prepare, source_digests
from seatrial.data.sources.base import BadRow
from seatrial.data.sources.digests import known_beforehand, source_digest
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError, SpecError
from seatrial.progress import silent
from seatrial.records import Project, Report, Row
from seatrial.spec.data import DataSpec, Source
from seatrial.tasks import TASKS

ENGINES = ["sqlite", "duckdb"]


def spec(database: Path | str, sql: str, **more: Any) -> Source:
    return Source.model_validate({"name": "s", "database": str(database), "sql": sql, **more})


def rows_of(database: Path, sql: str, **more: Any) -> Iterator[Row | BadRow]:
    return read_rows(spec(database.name, sql, **more), root=database.parent, max_row_bytes=1000, where="data.sources.0")


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Three comments; in a folder with another file that a query must not reach."""
    (tmp_path / "other.csv").write_text("a\nsecret\n")
    path = tmp_path / f"comments.{request.param}"
    connect: Any = sqlite3.connect if request.param == "sqlite" else duckdb.connect
    connection = connect(str(path))
    connection.execute("CREATE TABLE c (id INTEGER, text TEXT, score DOUBLE)")
    connection.execute("INSERT INTO c VALUES (1, 'good', 1.5), (2, 'bad', NULL), (3, 'müde', -2)")
    if request.param == "sqlite":
        connection.commit()
    connection.close()
    return path


def test_rows_in_the_order_of_the_query(database: Path) -> None:
    rows = list(rows_of(database, "SELECT * FROM c ORDER BY id DESC;", add={"domain": "d"}))
    assert [row.values for row in rows if isinstance(row, Row)] == [
        {"id": 3, "text": "müde", "score": -2.0, "domain": "d"},
        {"id": 2, "text": "bad", "score": None, "domain": "d"},
        {"id": 1, "text": "good", "score": 1.5, "domain": "d"},
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO c VALUES (4, 'x', 0)",
        "UPDATE c SET text = 'x' RETURNING id",
        "DROP TABLE c",
        "CREATE TEMP TABLE t AS SELECT 1",
        "ATTACH '{folder}/new.db' AS n",
        "VACUUM INTO '{folder}/stolen.db'",
        "COPY c TO '{folder}/stolen.csv'",
        "EXPORT DATABASE '{folder}/stolen'",
        "SELECT * FROM read_csv('{folder}/other.csv')",
        "SELECT * FROM '{folder}/other.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
        "SELECT load_extension('x')",
        "PRAGMA database_list",
        "PRAGMA writable_schema = 1",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT 1 AS a; SELECT 2 AS a",
        "SELECT 1 AS a; DROP TABLE c",
        "SELECT 1 AS a, 2 AS a",
        "SELECT nope FROM c",
        "BEGIN",
        ";",
    ],
)
def test_queries_that_do_something_else_than_read_this_file(database: Path, sql: str) -> None:
    before = {path.name: path.read_bytes() for path in database.parent.iterdir()}
    with pytest.raises(SpecError) as caught:
        list(rows_of(database, sql.format(folder=database.parent)))
    assert caught.value.where == "data.sources.0.sql"
    assert {path.name: path.read_bytes() for path in database.parent.iterdir()} == before


def test_reading_leaves_nothing_beside_the_file(database: Path) -> None:
    before = sorted(database.parent.iterdir())
    rows = rows_of(database, "SELECT * FROM c")
    next(rows)
    assert sorted(database.parent.iterdir()) == before


def test_a_query_without_rows_and_a_row_that_is_too_long(database: Path) -> None:
    with pytest.raises(DataError, match="gives no rows"):
        list(rows_of(database, "SELECT * FROM c WHERE id > 5"))
    (bad,) = rows_of(database, "SELECT replace(printf('%01200d', 1), '0', 'x') AS t")
    assert isinstance(bad, BadRow)
    assert bad.reason == "longer than 1,000 bytes"


def test_the_digest_follows_the_file(database: Path) -> None:
    source = spec(database.name, "SELECT * FROM c")
    before = source_digest(source, database.parent, "w")
    assert before == source_digest(source, database.parent, "w")
    assert known_beforehand(source)
    content = database.read_bytes()
    database.write_bytes(content + b"\0")
    assert source_digest(source, database.parent, "w") != before


def test_a_damaged_file(database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(DataError):
        list(rows_of(database, "SELECT * FROM c"))


def test_files_that_are_no_databases(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n")
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(DataError, match="neither a SQLite nor a DuckDB file") as caught:
        list(rows_of(tmp_path / "a.csv", "SELECT 1"))
    assert "`path`" in str(caught.value.hint)
    with pytest.raises(DataError, match="neither") as caught:
        list(rows_of(tmp_path / "empty.db", "SELECT 1"))
    assert caught.value.hint == "the file is empty"
    with pytest.raises(DataError, match=r"there is no file b\.csv") as caught:
        list(rows_of(tmp_path / "b.csv", "SELECT 1"))
    assert caught.value.hint == "did you mean 'a.csv'?"


def test_text_in_sqlite_that_is_not_utf8_costs_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (text)")
        connection.execute("INSERT INTO t VALUES ('good'), (CAST(x'ff41' AS TEXT)), ('fine')")
    connection.close()
    good, bad, fine = rows_of(path, "SELECT text FROM t")
    assert isinstance(good, Row)
    assert isinstance(bad, BadRow)
    assert isinstance(fine, Row)
    assert bad.reason == "column 'text' is not utf-8"


def test_full_text_search_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
        connection.execute("INSERT INTO t VALUES ('blue sky'), ('red rose')")
    connection.close()
    (row,) = rows_of(path, "SELECT text FROM t WHERE t MATCH 'rose'")
    assert isinstance(row, Row)
    assert row.values == {"text": "red rose"}


def test_sqlite_rows_that_are_still_in_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = wal")
    writer.execute("CREATE TABLE t (text)")
    writer.execute("INSERT INTO t VALUES ('in the journal')")
    writer.commit()
    before = source_digest(spec("a.db", "SELECT 1"), tmp_path, "w")
    assert len(list(rows_of(path, "SELECT text FROM t"))) == 1
    writer.execute("INSERT INTO t VALUES ('another')")
    writer.commit()
    assert source_digest(spec("a.db", "SELECT 1"), tmp_path, "w") != before
    assert len(list(rows_of(path, "SELECT text FROM t"))) == 2
    writer.close()


def test_a_sqlite_file_that_is_changed_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (text)")
        connection.executemany("INSERT INTO t VALUES (?)", [(f"text {i}",) for i in range(5000)])
    connection.close()
    rows = rows_of(path, "SELECT text FROM t")
    next(rows)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE t SET text = 'changed'")
    connection.close()
    with pytest.raises(DataError, match=r"changed while it was read|reading stopped"):
        list(rows)


def test_a_duckdb_file_that_another_program_writes_to(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)), pytest.raises(DataError, match="cannot be opened"):
        list(rows_of(path, "SELECT 1"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sql": "SELECT 1"}, "belong together"),
        ({"sql": "SELECT 1", "path": "a.csv", "database": "x"}, "exactly one"),
        ({"sql": "SELECT 1", "database": "a.db", "password_env": "X"}, "for a database server"),
        ({"sql": "SELECT 1", "database": "mysql://u@h/d"}, "unknown kind of database"),
        ({"sql": "SELECT 1", "database": "postgresql://u:hunter2@h/d"}, "holds a password"),
        ({"sql": "SELECT 1", "database": "postgresql://u@h/d?password=hunter2"}, "holds a password"),
        ({"sql": "SELECT 1", "database": "postgresql://u@h]/d?password=hunter2"}, "not an address"),
    ],
)
def test_what_the_project_file_may_not_say(values: dict[str, Any], message: str) -> None:
    from seatrial.spec.load import parse_spec

    tree = {"name": "p", "data": {"sources": [{"name": "s", **values}], "columns": {"label": "l"}}}
    with pytest.raises(SpecError, match=message) as caught:
        parse_spec({**tree, "requirements": [{"metric": "accuracy", "at_least": 0.5}]}, "seatrial.yaml")
    shown = "".join(traceback.format_exception(caught.value))  # with --debug
    assert "hunter2" not in shown
    assert "hunter2" not in f"{caught.value} {caught.value.as_dict()}"


def test_a_server_is_known_beforehand_only_by_its_revision(tmp_path: Path) -> None:
    server = "postgresql://u@h/d"
    assert not known_beforehand(spec(server, "SELECT 1"))
    first, second = spec(server, "SELECT 1", revision="may"), spec(server, "SELECT 1", revision="june")
    assert known_beforehand(first)
    assert source_digest(first, tmp_path, "w") != source_digest(second, tmp_path, "w")


def test_a_query_goes_through_prepare_and_its_rows_are_known_by_a_digest(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text, label)")
        things = ("tea", "rain", "bread", "trains", "paper", "music", "walls")
        values = [(f"{things[i % 7]} number {i} was m{i * 7}", "pos" if i % 2 else "neg") for i in range(60)]
        connection.executemany("INSERT INTO t (text, label) VALUES (?, ?)", values)
    connection.close()
    source = {"name": "s", "database": "a.db", "sql": "SELECT text, label FROM t ORDER BY id"}
    data = DataSpec.model_validate({"sources": [source], "columns": {"label": "label"}})
    task = TASKS.get("text-classification")()
    out = tmp_path / "out"
    out.mkdir()
    report = prepare(data, task=task, labels=(), root=tmp_path, seed=1, out=out, progress=silent)
    (told,) = report.tables["sources"]
    assert (told["rows"], told["bad_rows"], len(told["rows_sha256"])) == (60, 0, 64)
    assert source_digests(data, tmp_path) == {"s": source_digest(data.sources[0], tmp_path, "w")}


@pytest.mark.parametrize(("more", "reusable"), [({}, False), ({"revision": "may"}, True)])
def test_what_a_server_gave_is_used_again_only_under_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], reusable: bool
) -> None:
    from seatrial.pipeline.stages.base import StageContext
    from seatrial.pipeline.stages.prepare import Prepare
    from seatrial.spec.load import parse_spec

    source = {"name": "s", "sql": "SELECT 1", "database": "postgresql://u@h/d", **more}
    tree = {"name": "p", "data": {"sources": [source], "columns": {"label": "l"}}}
    project = parse_spec({**tree, "requirements": [{"metric": "accuracy", "at_least": 0.5}]}, "seatrial.yaml")
    monkeypatch.setattr("seatrial.data.prepare.prepare", lambda *_, **__: Report("prepare"))
    context = StageContext(Project(tmp_path, tmp_path / "p"), project, {}, tmp_path, tmp_path, silent, {})
    assert Prepare().run(context) is reusable
