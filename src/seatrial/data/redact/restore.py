"""Redacted texts → the texts as they were, with what a vault keeps. Refuses to know: how they were redacted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import model_validator

from seatrial.data.clean.base import Changed, Cleaner, CleanStep
from seatrial.data.redact.matching import Pattern
from seatrial.data.redact.vault import opened_vault
from seatrial.errors import MissingExtraError, SpecError

__all__ = ["Restorer", "Unredact"]

HASH = r"\[[0-9A-Z-]{1,40}:[0-9a-f]{16}\]"
TOGETHER = 1000
"""Pseudonyms in one pattern; RE2 refuses patterns that are too large."""


class Restorer:
    """Puts values back in the places of their tokens.

    Hashes are looked up by their form, exactly. Pseudonyms are searched for; where one is part of a longer one, the
    longer one counts. A text that held a pseudonym by chance before it was redacted is changed there too.

    Args:
        values: token → value, from `Vault.values`.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {token.encode(): value for token, value in values.items()}
        self._patterns = [Pattern(HASH)]
        plain = sorted(token for token in values if not _is_hash(token))
        if not plain:
            return
        try:
            import re2
        except ImportError as error:
            raise MissingExtraError("restoring texts", "data") from error
        for place in range(0, len(plain), TOGETHER):
            longest_first = sorted(plain[place : place + TOGETHER], key=len, reverse=True)
            self._patterns.append(Pattern("|".join(map(re2.escape, longest_first))))

    def __call__(self, text: str) -> tuple[str, int]:
        """The restored text, and how many tokens were replaced."""
        data = text.encode("utf-8", "surrogatepass")
        spans = [match.span() for pattern in self._patterns for match in pattern.compiled.finditer(data)]
        pieces: list[bytes] = []
        behind = count = 0
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            value = self._values.get(data[start:end])
            if start < behind or value is None:
                continue
            pieces += (data[behind:start], value.encode("utf-8", "surrogatepass"))
            behind = end
            count += 1
        pieces.append(data[behind:])
        return b"".join(pieces).decode("utf-8", "surrogatepass"), count


class Unredact(CleanStep):
    """Put back what `redact` took out with the same vault."""

    vault: str
    """The encrypted file that `redact` wrote."""
    vault_key: str | None = None
    """The file with the vault's key."""
    vault_key_env: str | None = None
    """Instead of `vault_key`: the environment variable that holds the vault's key."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.vault_key is None) == (self.vault_key_env is None):
            raise ValueError("a vault needs either vault_key or vault_key_env")
        return self

    def __call__(self, text: str) -> str | Changed:
        """The text with the values in the places of their pseudonyms and hashes."""
        restored, count = self._restorer()(text)
        return Changed(restored, {"restored": count}) if count else text

    def served(self) -> Cleaner | None:
        """None: a service never opens a vault."""
        return None

    def check(self) -> None:
        """Open the vault now, so that what is wrong with it is told before any work.

        Raises:
            SpecError: there is no vault, or the key does not fit.
        """
        self._restorer()

    def _restorer(self) -> Restorer:
        secret = os.environ.get(self.vault_key_env) if self.vault_key_env else None
        return _prepared(self.vault, self.vault_key, self.vault_key_env, secret)


@lru_cache(maxsize=2)
def _prepared(vault: str, key_file: str | None, key_env: str | None, secret: str | None) -> Restorer:
    del secret  # read again where it is needed; here it only says that something has changed
    if not Path(vault).is_file():
        raise SpecError(f"there is no vault {vault}", where="unredact.vault", hint="name the file that redact wrote")
    return Restorer(opened_vault(Path(vault), key_file, key_env, where="unredact").values())


def _is_hash(token: str) -> bool:
    return token.startswith("[") and token.endswith("]") and ":" in token
