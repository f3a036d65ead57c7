"""Keys for pseudonyms and vaults: from an environment variable or a file that nobody else may read.

Refuses to know: what is done with a key. A key never appears in a message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from seatrial.artifact.atomic import write_text
from seatrial.errors import SpecError

__all__ = ["derived", "key_from_environment", "key_from_file", "new_key_file"]

KEY_BYTES = 32
LEAST_CHARACTERS = 16


def key_from_environment(name: str, *, where: str) -> bytes:
    """32 bytes made of the value of an environment variable.

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
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()


def key_from_file(file: Path, *, where: str) -> bytes:
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
    return key


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
