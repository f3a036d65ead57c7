"""What pseudonyms and hashes stand for, in an encrypted file of its own, so that a text can be restored.

One record per value, AES-256-GCM each, appended under a lock: several processes may write one vault. A record that a
killed process left unfinished is cut off by the next writer; records that were altered are refused. Refuses to know:
texts.

Format: a first line of JSON with a version, a random identity and an encrypted check of the key; then one line of
base64 per record: 12 bytes nonce, then the ciphertext of a JSON list ``[token, value]``, bound to the first line.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seatrial.data.redact.keys import derived, key_from_environment, key_from_file
from seatrial.errors import ArtifactError, MissingExtraError, SpecError

__all__ = ["Vault", "opened_vault"]

VERSION = 1
NONCE_BYTES = 12
CHECK = b"seatrial vault"
BEGINNING = b'{"seatrial_vault": '


class Vault:
    """An open vault. Each process opens its own; it holds the values it has read in memory.

    Args:
        file: made with the first record; only its owner may read it.
        key: 32 bytes.
        where: dotted path of the option, for messages.
    """

    def __init__(self, file: Path, key: bytes, *, where: str = "vault") -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise MissingExtraError("a vault", "data") from error
        self.file = file
        self.where = where
        self._cipher = AESGCM(key)
        self._header = b""
        self._read_to = 0
        self._values: dict[str, str] = {}
        self._unsynced = False
        if file.exists():
            with self._locked():
                self._catch_up()

    def claim(self, token: str, value: str) -> bool:
        """Record that `token` stands for `value`.

        Returns:
            False when the token already stands for something else; then nothing is recorded.

        Raises:
            ArtifactError: the vault was altered, or cannot be written.
            SpecError: the key is another one.
        """
        known = self._values.get(token)
        if known is None:
            with self._locked() as handle:
                self._catch_up()
                known = self._values.get(token)
                if known is None:
                    self._append(handle, json.dumps([token, value]).encode())
                    self._values[token] = known = value
        return known == value

    def sync(self) -> None:
        """Wait until what was claimed is on the disk: before anything that needs it is published."""
        if self._unsynced:
            handle = os.open(self.file, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            self._unsynced = False

    def values(self) -> dict[str, str]:
        """Token → value, of everything in the vault now."""
        if self.file.exists():
            with self._locked():
                self._catch_up()
        return dict(self._values)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open for appending, with no other writer."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise ArtifactError(
                f"cannot open the vault {self.file.name}: {error.strerror}",
                where=str(self.file.parent),
                hint="check that the folder exists and that you may write there",
            ) from error
        try:
            _lock(handle)
            yield handle
        finally:
            os.close(handle)  # which ends the lock

    def _append(self, handle: int, record: bytes) -> None:
        size = os.fstat(handle).st_size
        if size > self._read_to:  # the rest of a record that a killed process did not finish
            os.ftruncate(handle, self._read_to)
        if not self._header:
            identity = secrets.token_hex(16)
            nonce = secrets.token_bytes(NONCE_BYTES)
            check = nonce + self._cipher.encrypt(nonce, CHECK, identity.encode())
            header = {"seatrial_vault": VERSION, "id": identity, "check": base64.b64encode(check).decode("ascii")}
            self._header = json.dumps(header).encode()
            self._write(handle, self._header + b"\n")
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, record, self._header)
        self._write(handle, base64.b64encode(sealed) + b"\n")
        self._unsynced = True

    def _write(self, handle: int, line: bytes) -> None:
        try:
            written = os.write(handle, line)
        except OSError as error:
            raise ArtifactError(
                f"cannot write the vault {self.file.name}: {error.strerror}", where=str(self.file.parent)
            ) from error
        if written < len(line):
            raise ArtifactError(f"cannot write the vault {self.file.name}: no space left", where=str(self.file.parent))
        self._read_to += len(line)

    def _catch_up(self) -> None:
        """Read what was appended since; a last line without its end is left out."""
        with self.file.open("rb") as stream:
            stream.seek(self._read_to)
            for line in stream:
                if not line.endswith(b"\n"):
                    size = min(len(line), len(BEGINNING))
                    if not self._header and line[:size] != BEGINNING[:size]:
                        raise self._no_vault()  # what is unfinished is cut off, and this is a file of somebody's
                    return
                if not self._header:
                    self._check_header(line[:-1])
                else:
                    token, value = json.loads(self._opened(line))
                    self._values[token] = value
                self._read_to += len(line)

    def _check_header(self, line: bytes) -> None:
        try:
            header: dict[str, Any] = json.loads(line)
            sealed = base64.b64decode(header["check"])
            identity = str(header["id"]).encode()
            version = header["seatrial_vault"]
        except (ValueError, KeyError, TypeError) as error:
            raise self._no_vault() from error
        if version != VERSION:
            raise ArtifactError(f"{self.file.name} is a vault of version {version}", where=self.where)
        if self._decrypted(sealed, identity) != CHECK:
            raise SpecError(
                f"the key does not open {self.file.name}", where=self.where, hint="name the key it was made with"
            )
        self._header = line

    def _no_vault(self) -> ArtifactError:
        return ArtifactError(f"{self.file.name} is no vault", where=self.where, hint="name another file")

    def _opened(self, line: bytes) -> bytes:
        try:
            sealed = base64.b64decode(line, validate=False)
        except ValueError:
            sealed = b""
        plain = self._decrypted(sealed, self._header)
        if plain is None:
            raise ArtifactError(
                f"the vault {self.file.name} was altered", where=self.where, hint="take it from a backup"
            )
        return plain

    def _decrypted(self, sealed: bytes, bound_to: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            return None


def opened_vault(file: Path, key_file: str | None, key_env: str | None, *, where: str) -> tuple[Vault, bytes]:
    """A vault and the key that opens it.

    Args:
        file: of the vault.
        key_file: path of the file with its key, or None.
        key_env: instead, the name of the environment variable with its key.
        where: dotted path of the options, for messages.

    Raises:
        SpecError: there is no such key, or it does not open the vault.
        ArtifactError: the vault was altered, or cannot be read.
    """
    if key_file is not None:
        key = key_from_file(Path(key_file), where=f"{where}.vault_key")
    else:
        key = key_from_environment(key_env or "", where=f"{where}.vault_key_env")
    return Vault(file, derived(key, "vault"), where=f"{where}.vault"), key


def _lock(handle: int) -> None:
    """Wait until no other process writes. Where there is no such lock, one process may write at a time."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(handle, fcntl.LOCK_EX)
