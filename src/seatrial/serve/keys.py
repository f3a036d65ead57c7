"""API keys: one JSON file that commands edit and a running service follows.

At rest is only the SHA-256 of a key. That is enough, and bcrypt or Argon2 would be wrong: they make each guess
expensive because people choose passwords that can be guessed. A key is 256 random bits, which nobody guesses at any
price, and it is checked at every request, so the check has to take microseconds.

Refuses to know: transports, and what a scope allows.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import string
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from seatrial.artifact.atomic import disk_error, write_text
from seatrial.errors import ServiceError

__all__ = ["KEY_PATTERN", "Key", "KeyStore", "Scope"]

LOG = logging.getLogger("seatrial.serve")

KEY_PATTERN = r"st_([0-9a-f]{8})_[0-9A-Za-z]{43}"
"""What a key looks like, for scanners that search code for secrets: prefix, id (the group), secret."""

ALPHABET = string.ascii_letters + string.digits
SECRET_LENGTH = 43  # 62**43 is a little more than 2**256
LONGEST_NAME = 64
NOBODY = "sha256:" + "0" * 64  # what a key with an unknown id is compared with
LOOK_EVERY_S = 1.0


class Scope(StrEnum):
    """What a key may be used for. None includes another."""

    PREDICT = "predict"
    ADMIN = "admin"
    METRICS = "metrics"


def _usable_name(name: str) -> str:
    """The name, if a terminal can show it on one line and it says something."""
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        raise ValueError(f"a name is 1 to {LONGEST_NAME} printable characters")
    return name


class Key(BaseModel):
    """What is kept of a key; never the key itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    name: Annotated[str, AfterValidator(_usable_name)]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    created: AwareDatetime
    expires: AwareDatetime | None = None
    revoked: AwareDatetime | None = None
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None

    def state(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        """Whether the key opens anything at `now`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1] = 1
    keys: tuple[Key, ...] = ()


Signature = tuple[int, int, int, int]


class KeyStore:
    """The keys of one file.

    `find` follows changes of the file, with at most one look per second. What cannot be read then changes nothing: the
    last good keys stay, and the log says so.

    Args:
        path: the file.
        create: to edit and not to serve: nothing is read before `add` or `revoke`, and `add` may find no file.
        clock: seconds that never go back, for the looks.
        now: the time of day, for what expires.

    Raises:
        ServiceError: the file is missing, unreadable or not a file of keys.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self._clock = clock
        self._now = now
        self._keys: dict[str, Key] = {}
        self._seen: Signature | None = None
        self._trouble: str | None = None
        self._next_look = clock() + LOOK_EVERY_S
        if not create:
            self._seen, self._keys = _signature(path), _read(path)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key, the revoked and expired ones too, oldest first."""
        return tuple(self._keys.values())

    def find(self, presented: str) -> Key | None:
        """The key that a client presents, if it is known, neither revoked nor expired.

        An unknown id costs the same hash and the same comparison as a wrong secret, and `hmac.compare_digest` takes the
        same time wherever two hashes differ: how long an answer takes tells nothing about the keys there are.
        """
        self._look()
        key = self._keys.get(presented[3:11])
        same = hmac.compare_digest(_hash(presented), key.hash if key else NOBODY)
        if not same or key is None or key.state(self._now()) != "active":
            return None
        return key

    def add(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        expires: datetime | None = None,
        requests_per_minute: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key.

        Args:
            name: for people: what or who it is for. 1 to 64 printable characters; need not be unique.
            scopes: what it may be used for, at least one.
            expires: when it stops working, with a time zone; None is never.
            requests_per_minute: a rate of its own instead of the service's.

        Returns:
            What was written, and the key itself, which is nowhere else.

        Raises:
            ServiceError: the name cannot be used, or the file cannot be read.
            ArtifactError: the file cannot be written.
        """
        try:
            _usable_name(name)
        except ValueError as error:
            raise ServiceError(str(error), hint="say who or what the key is for") from error
        with self._edited() as keys:
            key_id = secrets.token_hex(4)
            while key_id in keys:
                key_id = secrets.token_hex(4)
            presented = f"st_{key_id}_{''.join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))}"
            key = Key(
                id=key_id,
                name=name,
                hash=_hash(presented),
                scopes=tuple(sorted(set(scopes))),
                created=self._now().replace(microsecond=0),
                expires=expires,
                requests_per_minute=requests_per_minute,
            )
            keys[key_id] = key
        return key, presented

    def revoke(self, key_id: str) -> Key:
        """Make a key useless, for good. One that was revoked before keeps its time.

        Raises:
            ServiceError: there is no such key, or the file cannot be read.
            ArtifactError: the file cannot be written.
        """
        with self._edited() as keys:
            key = keys.get(key_id)
            if key is None:
                raise ServiceError(
                    f"there is no key with the id {key_id!r}",
                    where=str(self.path),
                    hint="`seatrial keys list` shows the ids",
                )
            if key.revoked is None:
                key = key.model_copy(update={"revoked": self._now().replace(microsecond=0)})
            keys[key_id] = key
        return key

    @contextmanager
    def _edited(self) -> Iterator[dict[str, Key]]:
        """Read the file, let the caller change the keys, write the file; one process at a time."""
        import fcntl

        target = self.path.resolve()  # a link to the file stays a link
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_error(error, target) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = _read(target) if target.exists() else {}
            yield keys
            text = _File(keys=tuple(keys.values())).model_dump_json(indent=1, exclude_none=True)
            write_text(target, text + "\n", mode=0o600)
            self._keys = keys
        finally:
            os.close(lock)

    def _look(self) -> None:
        """Follow a change of the file, at most once a second."""
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        try:
            signature = _signature(self.path)
            if signature == self._seen:
                return
            keys = _read(self.path)
        except ServiceError as error:
            if error.message != self._trouble:  # once, not once a second
                LOG.warning("the file of keys is not followed, the last good keys stay: %s", error.message)
            self._trouble = error.message
            return
        # The signature is older than what was read: what changes in between is read at the next look.
        self._seen, self._keys, self._trouble = signature, keys, None
        LOG.info("the file of keys was read again: %d keys", len(keys))


def _hash(presented: str) -> str:
    return "sha256:" + hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()


def _signature(path: Path) -> Signature:
    """What changes when a file is replaced, written to, or made readable."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(error, path) from error
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _read(path: Path) -> dict[str, Key]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(error, path) from error
    try:
        keys = _File.model_validate_json(raw).keys
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise _corrupt(f"{place}: {first['msg']}", path) from None  # the cause would show what the file holds
    by_id = {key.id: key for key in keys}
    if len(by_id) < len(keys):
        raise _corrupt("two keys have the same id", path)
    return by_id


def _unreadable(error: OSError, path: Path) -> ServiceError:
    missing = isinstance(error, FileNotFoundError)
    return ServiceError(
        "there is no file of keys" if missing else f"the file of keys cannot be read: {error.strerror or error}",
        where=str(path),
        hint=f"make a key with `seatrial keys add NAME --file {path}`" if missing else "check who may read it",
    )


def _corrupt(what: str, path: Path) -> ServiceError:
    return ServiceError(
        f"this is not a file of keys, or it was damaged: {what}",
        where=str(path),
        expected="what `seatrial keys add` writes",
        hint="put a copy of it back, or move it away and make new keys",
    )
