"""Sessions in SQLite: what a conversation remembers, by tenant, model and the client's own name for it.

The tenant is part of the key of every row and of every question, so that a name that another tenant guesses leads to
nothing. In memory, or in a file that only its owner can read; texts lie in it as they are. Refuses to know: tokens,
models, who may call.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import ServiceError
from seatrial.serve.generation.ask import Message, Role

__all__ = ["Key", "Remembered", "SessionStore"]

MOST_OF_A_TENANT = 1_000
"""Sessions that one tenant may have; the one unused for the longest makes room."""
IN_MEMORY = ":memory:"
TABLE = """
CREATE TABLE IF NOT EXISTS sessions (
    tenant TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL,
    system TEXT NOT NULL, summary TEXT NOT NULL, messages TEXT NOT NULL, used REAL NOT NULL,
    PRIMARY KEY (tenant, model, name)
) WITHOUT ROWID
"""
WHOSE = "tenant = ? AND model = ? AND name = ?"


@dataclass(frozen=True, slots=True)
class Key:
    """Whose session, with which model, under which name."""

    tenant: str
    model: str
    name: str

    @property
    def row(self) -> tuple[str, str, str]:
        """As the table has it."""
        return self.tenant, self.model, self.name


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversation so far.

    Attributes:
        system: the system prompt; empty if there is none.
        summary: of what fell out; empty if nothing did.
        messages: the user's and the assistant's that are still there word by word, oldest first.
    """

    system: str = ""
    summary: str = ""
    messages: tuple[Message, ...] = ()


class SessionStore:
    """Sessions until they expire. Calls from several threads are safe; one takes below a millisecond in memory.

    Args:
        file: where they are kept beyond the end of the process; None keeps them in memory.
        expire_s: a session that was not used for so long is forgotten.
        clock: seconds since 1970.

    Raises:
        ServiceError: the file cannot be used.
    """

    def __init__(self, file: Path | None, expire_s: float, clock: Callable[[], float] = time.time) -> None:
        self._expire_s, self._clock = expire_s, clock
        self._lock = threading.Lock()
        try:
            if file is not None:
                os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # before SQLite makes it readable for all
            self._base = sqlite3.connect(str(file or IN_MEMORY), check_same_thread=False, isolation_level=None)
            if file is not None:
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA busy_timeout = 2000")  # two processes share it while one takes over
            self._base.execute("PRAGMA secure_delete = ON")
            self._base.execute(TABLE)
        except (OSError, sqlite3.Error) as error:
            raise ServiceError(
                f"the file of sessions cannot be used: {error}",
                where=str(file),
                hint="give serving.sessions_file the path of a file that this program may write",
            ) from error

    def load(self, key: Key) -> Remembered | None:
        """What is remembered under a key; None if nothing is, or no longer."""
        with (
            self._lock,
            closing(
                self._base.execute(
                    f"SELECT system, summary, messages FROM sessions WHERE {WHOSE} AND used > ?",  # noqa: S608 - no input
                    (*key.row, self._clock() - self._expire_s),
                )
            ) as found,
        ):
            row = found.fetchone()
        if row is None:
            return None
        messages = tuple(Message(Role(role), content) for role, content in json.loads(row[2]))
        return Remembered(row[0], row[1], messages)

    def save(self, key: Key, remembered: Remembered) -> None:
        """Remember this from now on, and forget whatever has expired."""
        messages = json.dumps([[message.role.value, message.content] for message in remembered.messages])
        now = self._clock()
        with self._lock:
            self._base.execute("DELETE FROM sessions WHERE used <= ?", (now - self._expire_s,))
            self._base.execute(
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*key.row, remembered.system, remembered.summary, messages, now),
            )
            self._base.execute(
                "DELETE FROM sessions WHERE tenant = ? AND (model, name) IN (SELECT model, name FROM sessions "
                "WHERE tenant = ? ORDER BY used DESC LIMIT -1 OFFSET ?)",
                (key.tenant, key.tenant, MOST_OF_A_TENANT),
            )

    def forget(self, key: Key) -> bool:
        """Forget a session; tells whether there was one."""
        with self._lock:
            done = self._base.execute(f"DELETE FROM sessions WHERE {WHOSE}", key.row)  # noqa: S608 - no input in it
            return done.rowcount > 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()
