"""A query to a real PostgreSQL server: rows as they were at one moment, nothing written, no word of the password."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.facts import SourceFacts
from seatrial.data.sources.read import read_rows
from seatrial.data.sources.sql.postgres import shown
from seatrial.errors import DataError, OfflineError, ResolveError, SeatrialError, SpecError
from seatrial.records import Row
from seatrial.spec.data import Source

from .conftest import READER_PASSWORD, Server

WORD = "SEATRIAL_TEST_WORD"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEATRIAL_OFFLINE", "HF_HUB_OFFLINE", "PGPASSWORD", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGUSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(WORD, READER_PASSWORD)
    monkeypatch.setenv("PGPASSFILE", "/dev/null")


def rows_of(server: Server, sql: str, facts: SourceFacts | None = None, **more: Any) -> Any:
    values = {"name": "s", "sql": sql, "database": server.url, "password_env": WORD, **more}
    source = Source.model_validate(values)
    return read_rows(source, root=Path(), max_row_bytes=1000, where="data.sources.0", facts=facts)


def test_rows_with_plain_values_and_a_digest_of_them(postgres: Server) -> None:
    facts, again = SourceFacts(), SourceFacts()
    sql = "SELECT id, label, price, at, ARRAY[1,2] AS l, 'a'::bytea AS b FROM c WHERE id < 3000 ORDER BY id;"
    rows = list(rows_of(postgres, sql, facts))
    assert len(rows) == 2999
    assert rows[0].values == {"id": 1, "label": "pos", "price": "0.25", "at": "2020-02-29", "l": [1, 2], "b": "61"}
    list(rows_of(postgres, sql, again))
    assert facts.as_dict() == again.as_dict()
    assert len(facts.as_dict()["rows_sha256"]) == 64


def test_the_password_of_the_usual_variable(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", READER_PASSWORD)
    (row,) = rows_of(postgres, "SELECT 1 AS one", password_env=None)
    assert row.values == {"one": 1}


def test_percent_signs_are_the_querys_own(postgres: Server) -> None:
    (row,) = rows_of(postgres, "SELECT text LIKE '%1 %' AS yes, 7 % 4 AS three FROM c WHERE id = 1 -- 100 %")
    assert row.values == {"yes": True, "three": 3}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO writable VALUES (1)",
        "WITH w AS (INSERT INTO writable VALUES (1) RETURNING x) SELECT * FROM w",
        "SELECT sneak()",
        "SELECT 1; COMMIT; INSERT INTO writable VALUES (1)",
        "SELECT set_config('transaction_read_only', 'off', false), sneak()",
        "SELECT * INTO other FROM c",
        "COPY c TO '/tmp/stolen'",
        "CREATE TABLE t (x int)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT nope FROM c",
        "SELECT 1 AS a, 2 AS a",
    ],
)
def test_queries_that_do_something_else_than_read(postgres: Server, sql: str) -> None:
    with pytest.raises(SeatrialError) as caught:
        list(rows_of(postgres, sql))
    assert isinstance(caught.value, SpecError | DataError)
    with postgres.admin() as admin:
        assert admin.execute("SELECT count(*) FROM writable").fetchone() == (0,)
        assert admin.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (2,)


def test_a_wrong_password_is_said_and_never_shown(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "wr0ng/pass:word@"
    monkeypatch.setenv(WORD, wrong)
    with pytest.raises(ResolveError, match="password authentication failed") as caught:
        list(rows_of(postgres, "SELECT 1 AS a"))
    assert caught.value.where == "data.sources.0.database"
    assert wrong not in f"{caught.value} {caught.value.as_dict()} {caught.value.__context__!r}"


def test_a_password_that_an_error_repeats_is_covered(postgres: Server) -> None:
    with pytest.raises(SpecError, match=r"\*\*\*") as caught:
        list(rows_of(postgres, f'SELECT "{READER_PASSWORD}" FROM c'))
    assert READER_PASSWORD not in str(caught.value)


def test_a_variable_that_is_not_set(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WORD)
    with pytest.raises(ResolveError, match=f"{WORD} is not set"):
        list(rows_of(postgres, "SELECT 1 AS a"))


def test_a_connection_lost_in_the_middle(postgres: Server) -> None:
    rows = rows_of(postgres, "SELECT id, text FROM c ORDER BY id")
    begun = list(islice(rows, 1500))
    assert len(begun) == 1500
    with postgres.admin() as admin:
        ended = admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'reader'")
        assert ended.fetchall() == [(True,)]
    with pytest.raises(DataError, match="reading stopped after 2,000 rows") as caught:
        list(rows)
    assert "nothing was written" in str(caught.value.hint)


def test_an_error_in_the_middle_of_the_rows(postgres: Server) -> None:
    rows = rows_of(postgres, "SELECT id, 1 / (id - 1500) AS x FROM c ORDER BY id")
    with pytest.raises(DataError, match="after 1,000 rows: division by zero"):
        list(rows)


def test_all_rows_are_of_one_moment_and_come_page_by_page(postgres: Server) -> None:
    rows = rows_of(postgres, "SELECT id FROM c ORDER BY id")
    next(rows)
    with postgres.admin() as admin:
        admin.execute("UPDATE c SET id = -id WHERE id > 19990")
        try:
            assert [row.values["id"] for row in rows][-1] == 20000
        finally:
            admin.execute("UPDATE c SET id = -id WHERE id < 0")


def test_reading_that_is_given_up_leaves_no_connection(postgres: Server) -> None:
    rows = rows_of(postgres, "SELECT id FROM c")
    next(rows)
    rows.close()
    with postgres.admin() as admin:
        for _ in range(100):
            left = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'").fetchone()
            if left == (0,):
                break
            admin.execute("SELECT pg_sleep(0.05)")
        assert left == (0,)


def test_a_row_that_is_too_long(postgres: Server) -> None:
    bad, good = rows_of(postgres, "SELECT repeat('x', 2000) AS t UNION ALL SELECT 'y'")
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.where) == ("longer than 1,000 bytes", "s:1")
    assert isinstance(good, Row)


def test_no_server_there() -> None:
    source = Source(name="s", sql="SELECT 1", database="postgresql://x@127.0.0.1:1/y?connect_timeout=2")
    with pytest.raises(ResolveError, match=r"no connection to postgresql://127\.0\.0\.1:1/y"):
        list(read_rows(source, root=Path(), max_row_bytes=10, where="w"))


@pytest.mark.parametrize(
    "database",
    ["postgresql://x@db.example/y", "postgresql:///y?host=db.example", "postgresql:///y?service=far"],
)
def test_offline_asks_no_server_elsewhere(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_OFFLINE", "1")
    with pytest.raises(OfflineError, match="forbids it"):
        list(read_rows(Source(name="s", sql="SELECT 1", database=database), root=Path(), max_row_bytes=10, where="w"))


def test_offline_asks_a_server_on_this_machine(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_OFFLINE", "1")
    assert len(list(rows_of(postgres, "SELECT 1 AS a"))) == 1
    socket_url = f"postgresql://reader@/comments?host={postgres.socket_folder}&port={postgres.port}"
    assert len(list(rows_of(postgres, "SELECT 1 AS a", database=socket_url))) == 1


def test_what_is_shown_of_an_address() -> None:
    assert shown("postgresql://ann@db.example:5433/sales?sslmode=require") == "postgresql://db.example:5433/sales"
    assert shown("postgresql:///sales") == "postgresql://localhost/sales"
