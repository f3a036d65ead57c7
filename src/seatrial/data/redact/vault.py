"""What pseudonyms and hashes stand for, in an encrypted file of its own, so that a text can be restored.

One record per value, appended under a lock: several processes may write one vault. A record that a killed process left
unfinished is cut off by the next writer. A vault whose records were altered, moved, taken out or cut off is refused;
one that was replaced whole by an older copy of itself cannot be told from it. Refuses to know: texts.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seatrial.data.redact.keys import Secret, secret_from_environment, secret_from_file
from seatrial.data.redact.vault_format import SEAL_BYTES, VERSION, Sealer, Start, new_start, read_start
from seatrial.errors import ArtifactError, SpecError

__all__ = ["Vault", "opened_vault"]

LONGEST_START = 1000
"""Bytes of a first line; a longer one is no vault's."""


class Vault:
    """An open vault. Each process opens its own; it holds the values it has read in memory.

    Args:
        file: made where it is not there; only its owner may read it.
        secret: what its key is made of.
        where: dotted path of the option, for messages.

    Attributes:
        key: 32 bytes, of this vault only where the secret is a passphrase.

    Raises:
        SpecError: the secret is another one.
        ArtifactError: this is no vault, it was altered, or it cannot be made.
    """

    def __init__(self, file: Path, secret: Secret, *, where: str = "vault") -> None:
        self.file = file
        self.where = where
        if not file.exists():
            self._make(secret)
        with self._locked() as handle:
            self._start = self._read_start(handle)
            sealer = Sealer.of(self._start, secret)
            if sealer is None:
                raise SpecError(f"the key does not open {file.name}", where=where, hint="name the key it was made with")
            self._sealer = sealer
            self._seals_at = len(self._start.line) + 1
            self._read_to = self._seals_at + (2 * SEAL_BYTES if self._start.version > 1 else 0)
            self._values: dict[str, str] = {}
            self._count = self._sealed = 0
            self._chain = b""
            self._catch_up(handle)

    @property
    def key(self) -> bytes:
        """What keys for other purposes may be derived from."""
        return self._sealer.key

    def claim(self, token: str, value: str) -> bool:
        """Record that `token` stands for `value`.

        Returns:
            False when the token already stands for something else; then nothing is recorded.

        Raises:
            ArtifactError: the vault was altered, is of an older version, or cannot be written.
        """
        known = self._values.get(token)
        if known is None:
            with self._locked() as handle:
                self._catch_up(handle)
                known = self._values.get(token)
                if known is None:
                    self._append(handle, token, value)
                    known = value
        return known == value

    def sync(self) -> None:
        """Wait until everything in the vault is on the disk and sealed: before anything that needs it is published."""
        if self._count == self._sealed or self._start.version == 1:
            return
        with self._locked() as handle:
            self._catch_up(handle)
            if self._count == self._sealed:
                return  # another process has done it
            os.fsync(handle)  # the seal must not come first: without its records it would look like a vault cut off
            counts = [-1 if seal is None else seal[0] for seal in self._seals(handle)]
            seal = self._sealer.seal(self._count, self._chain, self._start)
            self._write(handle, seal, self._seals_at + counts.index(min(counts)) * SEAL_BYTES)
            os.fsync(handle)
            self._sealed = self._count

    def values(self) -> dict[str, str]:
        """Token → value, of everything in the vault now."""
        with self._locked() as handle:
            self._catch_up(handle)
        return dict(self._values)

    def _make(self, secret: Secret) -> None:
        """A vault without records. It appears whole: part of a first line is never a vault that was just begun."""
        start = new_start(secret)
        sealer = Sealer.of(start, secret)
        assert sealer is not None
        content = start.line + b"\n" + sealer.seal(0, b"", start) + sealer.seal(0, b"", start)
        temporary = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                self._write(handle, content, 0)
                os.fsync(handle)
            finally:
                os.close(handle)
            self._place(temporary)
        except OSError as error:
            raise self._cannot("make", error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _place(self, temporary: Path) -> None:
        """The finished file under its name, unless another process was quicker."""
        with suppress(FileExistsError):
            try:
                os.link(temporary, self.file)
            except FileExistsError:
                raise
            except OSError:  # a disk without links, such as a memory stick
                if not self.file.exists():
                    temporary.rename(self.file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open, with no other writer."""
        try:
            handle = os.open(self.file, os.O_RDWR)
        except OSError as error:
            raise self._cannot("open", error) from error
        try:
            _lock(handle)
            yield handle
        finally:
            os.close(handle)  # which ends the lock

    def _append(self, handle: int, token: str, value: str) -> None:
        if self._start.version < VERSION:
            raise ArtifactError(
                f"the vault {self.file.name} was made by an earlier version, and nothing is added to it",
                where=self.where,
                hint="restore texts with it as before (unredact), and name a new file here",
            )
        if os.fstat(handle).st_size > self._read_to:  # the rest of a record that a killed process did not finish
            os.ftruncate(handle, self._read_to)
        line, chain = self._sealer.record(token, value, self._start, self._chain)
        self._write(handle, line, self._read_to)
        self._read_to += len(line)
        self._count, self._chain = self._count + 1, chain
        self._values[token] = value

    def _write(self, handle: int, line: bytes, place: int) -> None:
        try:
            os.lseek(handle, place, os.SEEK_SET)
            written = os.write(handle, line)
        except OSError as error:
            raise self._cannot("write", error) from error
        if written < len(line):
            raise ArtifactError(f"cannot write the vault {self.file.name}: no space left", where=str(self.file.parent))

    def _read_start(self, handle: int) -> Start:
        line, end, _ = os.read(handle, LONGEST_START).partition(b"\n")
        start = read_start(line) if end else None
        if start is None:
            raise ArtifactError(f"{self.file.name} is no vault", where=self.where, hint="name another file")
        if start.version not in (1, VERSION):
            raise ArtifactError(
                f"{self.file.name} is a vault of version {start.version}",
                where=self.where,
                expected=f"version {VERSION}, or 1 to restore texts",
                hint="use the version of Seatrial that wrote it",
            )
        return start

    def _catch_up(self, handle: int) -> None:
        """Read what was appended since; a last line without its end is left out, unless a seal says it was whole."""
        seals = self._seals(handle)
        known = [seal for seal in seals if seal is not None]
        if seals and not known:
            raise self._altered("altered")
        count, chain = max(known, default=(0, b""))
        if os.fstat(handle).st_size < self._read_to:
            raise self._altered("cut off")
        with os.fdopen(os.dup(handle), "rb") as stream:
            stream.seek(self._read_to)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                read = self._sealer.read_record(line, self._start, self._chain)
                if read is None:
                    raise self._altered("altered")
                token, value, self._chain = read
                self._values[token] = value
                self._read_to += len(line)
                self._count += 1
                if self._count == count and self._chain != chain:
                    raise self._altered("altered")
        if self._count < count:
            raise self._altered(f"cut off: {count - self._count:,} of {count:,} records are missing at its end")
        self._sealed = count

    def _seals(self, handle: int) -> list[tuple[int, bytes] | None]:
        """The two seals; None for one that cannot be read. A vault of the first version has none."""
        if self._start.version == 1:
            return []
        os.lseek(handle, self._seals_at, os.SEEK_SET)
        both = os.read(handle, 2 * SEAL_BYTES)
        return [self._sealer.read_seal(line, self._start) for line in (both[:SEAL_BYTES], both[SEAL_BYTES:])]

    def _altered(self, how: str) -> ArtifactError:
        return ArtifactError(f"the vault {self.file.name} was {how}", where=self.where, hint="take it from a backup")

    def _cannot(self, what: str, error: OSError) -> ArtifactError:
        return ArtifactError(
            f"cannot {what} the vault {self.file.name}: {error.strerror}",
            where=str(self.file.parent),
            hint="check that the folder exists and that you may write there",
        )


def opened_vault(file: Path, key_file: str | None, key_env: str | None, *, where: str) -> Vault:
    """A vault, opened or made.

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
        secret = secret_from_file(Path(key_file), where=f"{where}.vault_key")
    else:
        secret = secret_from_environment(key_env or "", where=f"{where}.vault_key_env")
    return Vault(file, secret, where=f"{where}.vault")


def _lock(handle: int) -> None:
    """Wait until no other process writes. Where there is no such lock, one process may write at a time."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(handle, fcntl.LOCK_EX)
