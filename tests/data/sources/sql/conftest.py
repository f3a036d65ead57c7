"""A PostgreSQL server of the tests' own, in a folder of its own, gone when they end; skipped where there is none."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

ADMIN_PASSWORD = "admin word"
READER_PASSWORD = "s3cret/of:the@reader"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and how to get in as the one who may do everything."""

    port: int
    socket_folder: Path

    @property
    def url(self) -> str:
        """For the user that may only read."""
        return f"postgresql://reader@127.0.0.1:{self.port}/comments"

    def admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            f"postgresql://owner@127.0.0.1:{self.port}/comments", password=ADMIN_PASSWORD, autocommit=True
        )


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").is_file()), None)


def _user() -> str | None:
    """Whom to run the server as: it refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="seatrial-pg-"))  # pytest's own folders are closed to other users
    user = _user()
    if user:
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    word = folder / "word"
    word.write_text(ADMIN_PASSWORD)
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", "owner", "-A", "scram-sha-256", f"--pwfile={word}"]
    make += ["-E", "UTF8", "--no-locale", "--no-sync"]
    options = {"fsync": "off", "listen_addresses": "127.0.0.1", "shared_buffers": "16MB", "max_connections": "10"}
    serve = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder]
    serve += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    try:
        subprocess.run(make, user=user, check=True, capture_output=True, cwd=folder)
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(serve, user=user, stdout=log, stderr=log, cwd=folder) as process,
        ):
            try:
                _fill(port, folder / "log", process)
                yield Server(port, folder)
            finally:
                process.terminate()
                process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(port: int, log: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers, then make a database with one table and a user that may read it."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = psycopg.connect(
                f"postgresql://owner@127.0.0.1:{port}/postgres", password=ADMIN_PASSWORD, autocommit=True
            )
            break
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
    with connection:
        connection.execute("CREATE DATABASE comments")
        connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{READER_PASSWORD}'")
    with psycopg.connect(
        f"postgresql://owner@127.0.0.1:{port}/comments", password=ADMIN_PASSWORD, autocommit=True
    ) as connection:
        connection.execute("CREATE TABLE c (id int PRIMARY KEY, text text, label text, price numeric(8,2), at date)")
        connection.execute(
            "INSERT INTO c SELECT i, 'comment ' || i || repeat(' long', 40), "
            "CASE i % 2 WHEN 0 THEN 'neg' ELSE 'pos' END, i / 4.0, date '2020-02-29' FROM generate_series(1, 20000) i"
        )
        connection.execute("GRANT SELECT ON c TO reader")
        # what only a transaction that may write could do, open to the reader, so that it is not a right that stops it
        connection.execute("CREATE TABLE writable (x int)")
        connection.execute("GRANT ALL ON writable TO reader")
        connection.execute(
            "CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO public.writable VALUES (1); RETURN 1; END $$"
        )
