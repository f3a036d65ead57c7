"""Keys for pseudonyms and vaults: from an environment variable or a file that nobody else may read.

32 random bytes, written in hex or base64, are a key as they are; anything else is a passphrase, of which scrypt makes
one. Refuses to know: what is done with a key. A key never appears in a message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from seatrial.artifact.atomic import write_text
from seatrial.errors import SpecError

__all__ = ["Secret", "derived", "new_key_file", "secret_from_environment", "secret_from_file"]

KEY_BYTES = 32
LEAST_CHARACTERS = 16
HEX = re.compile(rb"[0-9a-fA-F]{64}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{43}=")
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
"""32 MiB and about a tenth of a second for each guess. Source: RFC 7914, section 2."""
SCRYPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What a key is made of.

    Attributes:
        value: the 32 bytes of a key, or a passphrase.
        is_key: which of the two.
    """

    value: bytes
    is_key: bool = True

    def key(self, salt: bytes) -> bytes:
        """The 32 bytes: a key as it is, a passphrase by scrypt with this salt."""
        return self.value if self.is_key else _stretched(self.value, salt)

    def old_key(self) -> bytes:
        """The key as the first version of the vault made it."""
        return self.value if self.is_key else hashlib.sha256(self.value).digest()


def secret_from_environment(name: str, *, where: str) -> Secret:
    """What the value of an environment variable says.

    Args:
        name: of the variable.
        where: dotted path of the option, for messages.

    Raises:
        SpecError: it is not set, or shorter than 16 characters.
    """
    value = os.environ.get(name, "")
    if len(value) < LEAST_CHARACTERS:
        state = "is not set" if not value else f"has fewer than {LEAST_CHARACTERS} characters"
        raise SpecError(
            f"the environment variable {name} {state}",
            where=where,
            hint=f"set it to a long random value, for example: export {name}=$(openssl rand -hex 32)",
        )
    given = value.encode("utf-8", "surrogateescape")
    if HEX.fullmatch(given):
        return Secret(bytes.fromhex(value))
    if BASE64.fullmatch(given):
        return Secret(base64.b64decode(given.translate(bytes.maketrans(b"-_", b"+/"))))
    return Secret(given, is_key=False)


def secret_from_file(file: Path, *, where: str) -> Secret:
    """The 32 bytes that a key file holds in base64.

    Raises:
        SpecError: there is no such file, others may read it, or it holds no key.
    """
    try:
        mode = file.stat().st_mode
        content = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"the key file {file.name} cannot be read", where=where, hint="name an existing one") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SpecError(
            f"the key file {file.name} can be read by others", where=where, hint=f"run chmod 600 {file.name}"
        )
    try:
        key = base64.urlsafe_b64decode(content)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SpecError(f"{file.name} holds no key", where=where, expected="32 bytes in URL-safe base64")
    return Secret(key)


def new_key_file(file: Path) -> None:
    """Write a new random key that only its owner may read; an existing file is never replaced.

    Raises:
        SpecError: the file is there.
        ArtifactError: it cannot be written.
    """
    if file.exists():
        raise SpecError(f"{file.name} is there already", where=str(file.parent), hint="name another file")
    write_text(file, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii") + "\n", mode=0o600)


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither `key` nor those for other purposes can be learned."""
    return hmac.digest(key, f"seatrial {purpose}".encode(), "sha256")


@lru_cache(maxsize=8)
def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=SCRYPT_BYTES, dklen=KEY_BYTES
    )
