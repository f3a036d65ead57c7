"""The lines of a vault: what they hold, how they are sealed, and what they are bound to.

Version 2: a line of JSON with a version, a random identity and an encrypted check of the key; two lines with seals;
then one line of base64 per record. A record is 12 bytes of nonce and the AES-256-GCM ciphertext of a JSON list
``[token, value]``, bound to the first line and to all records before it by a running SHA-256, so that none can be taken
out, put in or moved. A seal is the encrypted number of records and the running SHA-256 at that point; the two take
turns, so that one is whole when the machine stops in the middle of writing the other. Version 1 has no seals and no
running SHA-256. Refuses to know: files and locks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass

from seatrial.data.redact.keys import Secret, derived
from seatrial.errors import MissingExtraError

__all__ = ["SEAL_BYTES", "VERSION", "Sealer", "Start", "new_start", "read_start"]

VERSION = 2
NONCE_BYTES = 12
CHECK = b"seatrial vault"
COUNT_BYTES = 8
SEAL_BYTES = 4 * -(-(NONCE_BYTES + COUNT_BYTES + 32 + 16) // 3) + 1
"""Of a seal's line, its end included: base64 of nonce, count, SHA-256 and GCM's tag."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first line of a vault, without its end.

    Attributes:
        line: as it stands in the file; everything else is bound to it.
        version: 1 or 2; another one is not known here.
        identity: random; the salt of the key.
        check: encrypted, says whether a key fits.
    """

    line: bytes
    version: int
    identity: bytes
    check: bytes


def read_start(line: bytes) -> Start | None:
    """The first line of a file, or None where that is no vault's."""
    try:
        header = json.loads(line)
        check = base64.b64decode(header["check"], validate=True)
        return Start(line, int(header["seatrial_vault"]), str(header["id"]).encode(), check)
    except (ValueError, KeyError, TypeError):
        return None


def new_start(secret: Secret) -> Start:
    """The first line of a new vault."""
    identity = secrets.token_hex(16)
    check = Sealer.for_identity(identity.encode(), secret, VERSION).closed(CHECK, identity.encode())
    header = {"seatrial_vault": VERSION, "id": identity, "check": base64.b64encode(check).decode("ascii")}
    return Start(json.dumps(header).encode(), VERSION, identity.encode(), check)


class Sealer:
    """Encrypts and decrypts with one key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise MissingExtraError("a vault", "data") from error
        self.key = key
        self._cipher = AESGCM(derived(key, "vault"))

    @classmethod
    def for_identity(cls, identity: bytes, secret: Secret, version: int) -> Sealer:
        """The sealer of the vault with this identity, if the secret is its."""
        return cls(secret.old_key() if version == 1 else secret.key(identity))

    @classmethod
    def of(cls, start: Start, secret: Secret) -> Sealer | None:
        """The sealer of a vault, or None where the secret is not its."""
        sealer = cls.for_identity(start.identity, secret, start.version)
        return sealer if sealer.opened(start.check, start.identity) == CHECK else None

    def closed(self, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def opened(self, sealed: bytes, bound_to: bytes) -> bytes | None:
        """The plain bytes, or None where something was altered."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            return None

    def record(self, token: str, value: str, start: Start, chain: bytes) -> tuple[bytes, bytes]:
        """The line of a record, its end included, and the running SHA-256 behind it."""
        sealed = self.closed(json.dumps([token, value]).encode(), start.line + chain)
        return base64.b64encode(sealed) + b"\n", _further(chain, sealed)

    def read_record(self, line: bytes, start: Start, chain: bytes) -> tuple[str, str, bytes] | None:
        """Token, value and the running SHA-256 behind the record; None where it is not what stood here."""
        sealed = _bytes_of(line)
        plain = self.opened(sealed, start.line + chain)
        if plain is None:
            return None
        token, value = json.loads(plain)
        return token, value, chain if start.version == 1 else _further(chain, sealed)

    def seal(self, count: int, chain: bytes, start: Start) -> bytes:
        """The line, its end included, that says how many records there are."""
        plain = count.to_bytes(COUNT_BYTES, "big") + (chain or bytes(32))
        return base64.b64encode(self.closed(plain, b"seal" + start.line)) + b"\n"

    def read_seal(self, line: bytes, start: Start) -> tuple[int, bytes] | None:
        """How many records there are, and the running SHA-256 behind them; None for a line that is no seal."""
        plain = self.opened(_bytes_of(line), b"seal" + start.line)
        if plain is None:
            return None
        count = int.from_bytes(plain[:COUNT_BYTES], "big")
        return count, plain[COUNT_BYTES:] if count else b""


def _bytes_of(line: bytes) -> bytes:
    try:
        return base64.b64decode(line.removesuffix(b"\n"), validate=True)
    except ValueError:
        return b""


def _further(chain: bytes, sealed: bytes) -> bytes:
    return hashlib.sha256(chain + sealed).digest()
