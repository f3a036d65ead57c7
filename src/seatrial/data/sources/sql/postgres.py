"""PostgreSQL through psycopg: one read-only transaction, a cursor on the server, a page of rows in memory at a time.

The password comes from the environment and goes nowhere else. What a query may see and which functions it may call is
for the server's rights to say: give it a role that can only read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.sql.base import PAGE_ROWS, column_names, lost, one_line, query_error, records, single
from seatrial.errors import MissingExtraError, ResolveError
from seatrial.offline import refuse_offline

__all__ = ["read_postgres", "shown"]

CONNECT_SECONDS = 15
LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def read_postgres(
    url: str, query: str, password_env: str | None, max_row_bytes: int, where: str
) -> Iterator[Record | BadRecord]:
    """The rows of one SELECT, all of them as the database was at one moment.

    Args:
        url: ``postgresql://user@host/name``, without a password.
        query: one SELECT.
        password_env: the environment variable with the password; None leaves it to PGPASSWORD and ~/.pgpass.
        max_row_bytes: a longer row is a bad record.
        where: dotted path of the source.

    Raises:
        ResolveError: no server, wrong name or password, or the variable is not set.
        SpecError: the server refuses the query.
        DataError: the connection was lost, or the server gave up, in the middle.
        OfflineError: the server is on another machine, and the network is forbidden.
        MissingExtraError: psycopg is not installed.
    """
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtraError("reading from PostgreSQL", "data") from error
    if not _is_local(url):
        refuse_offline(
            f"the rows of {shown(url)}",
            where=f"{where}.database",
            hint="export them to a file where there is a network, and name it with `path`",
        )
    text = single(query, where)
    secret = _password(password_env, where)
    done = 0
    with _connected(url, secret, where) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            # A transaction that has read something cannot be made one that writes, whatever a query calls.
            connection.execute("SELECT 1")
            with connection.cursor(name="seatrial") as cursor:
                cursor.itersize = PAGE_ROWS
                try:
                    cursor.execute(text)
                    names = column_names([column.name for column in cursor.description or ()], where)
                except (psycopg.errors.ProgrammingError, psycopg.errors.NotSupportedError) as error:
                    raise query_error(_said(error, secret), where) from None
                for record in records(cursor, names, max_row_bytes):
                    done = record.line
                    yield record
        except psycopg.errors.ReadOnlySqlTransaction as error:
            raise query_error(_said(error, secret), where) from None
        except (psycopg.Error, UnicodeDecodeError) as error:
            raise lost(_said(error, secret), done, where) from None


def shown(url: str) -> str:
    """The server and the database, as messages and reports name them: no user, no settings."""
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2] or 'localhost'}{parts.path}"


def _connected(url: str, secret: str | None, where: str) -> Any:
    import psycopg

    given: dict[str, Any] = {"password": secret} if secret is not None else {}
    if "connect_timeout" not in url:
        given["connect_timeout"] = CONNECT_SECONDS
    try:
        return psycopg.connect(url, application_name="seatrial", client_encoding="utf8", **given)
    except (psycopg.Error, ValueError) as error:
        raise ResolveError(
            f"no connection to {shown(url)}: {_said(error, secret)}",
            where=f"{where}.database",
            expected="a server that lets this user in",
            hint="check host, name and user; the password is read from the variable that password_env names, from "
            "PGPASSWORD, or from ~/.pgpass",
        ) from None  # the cause is not shown: a driver may quote what it was given


def _password(variable: str | None, where: str) -> str | None:
    if variable is None:
        return None
    value = os.environ.get(variable)
    if not value:
        raise ResolveError(
            f"the environment variable {variable} is not set",
            where=f"{where}.password_env",
            expected="the password of the database in it",
            hint=f"set it for this run only: {variable}=… seatrial run",
        )
    return value


def _said(error: BaseException, secret: str | None) -> str:
    """The server's or driver's own words, and no password in them, however it came there."""
    text = one_line(error)
    for value in (secret, os.environ.get("PGPASSWORD")):
        if value:
            text = text.replace(value, "***").replace(quote(value, safe=""), "***")
    return text


def _is_local(url: str) -> bool:
    """Whether the server can only be on this machine: a socket's folder, or a name for the machine itself."""
    parts = urlsplit(url)
    settings = parse_qs(parts.query)
    hosts = [unquote(parts.hostname or ""), *settings.get("host", []), *settings.get("hostaddr", [])]
    if not any(hosts):
        hosts += [os.environ.get(name, "") for name in ("PGHOST", "PGHOSTADDR")]
    asked_for_elsewhere = "service" in settings or "PGSERVICE" in os.environ
    return not asked_for_elsewhere and all(host in LOCAL or host.startswith("/") for host in hosts)
