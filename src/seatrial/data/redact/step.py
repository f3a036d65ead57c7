"""The cleaning step `redact`: personal data masked, replaced by pseudonyms, or hashed, with counts by entity.

A text that cannot be searched whole is refused; it never passes as it was. Refuses to know: rows and files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from seatrial.data.base import OpenEntities
from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal
from seatrial.data.redact.base import Finding, RecognizerSettings, TooMuchToSearch
from seatrial.data.redact.by_model import ENTITY, ModelFinder, model_finder
from seatrial.data.redact.finder import MAX_CHARS, MIN_SCORE, Finder
from seatrial.data.redact.keys import derived, secret_from_environment, secret_from_file
from seatrial.data.redact.overlap import without_overlaps
from seatrial.data.redact.pseudonym import hash_token, pseudonym
from seatrial.data.redact.replace import mask_token, replaced
from seatrial.data.redact.vault import Vault, opened_vault
from seatrial.errors import ArtifactError

__all__ = ["Redact"]


class Make(Protocol):
    """How a value is replaced."""

    def __call__(self, value: str, entity: str, key: bytes, attempt: int = 0, *, exact: bool = False) -> str:
        """What stands for the value."""


Ready = tuple[Finder, Callable[[str, str], str], Vault | None]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
WHERE = "redact"
MAX_ATTEMPTS = 100
SALT = b"seatrial redact"
"""Of a passphrase in `key_env`: the same everywhere, since one value shall get one pseudonym wherever it is met."""


class Redact(CleanStep):
    """Take personal data out of texts."""

    entities: list[str] | None = Field(default=None, min_length=1)
    """What to look for: `email`, `phone`, `url`, `ip`, `card`, `iban`, `secret`, `name`, `address`, `id-cn`, `id-tw`,
    `id-hk`, `us-ssn`, `eu-vat`, or one that a plugin adds; all of them when absent."""
    languages: list[Language] = Field(default_factory=lambda: [*LANGUAGES], min_length=1)
    """Of the texts; names and addresses are looked for in these."""
    regions: list[str] = Field(default_factory=lambda: ["CN", "TW", "HK", "US"])
    """Countries whose phone numbers count without their country code, as two capital letters."""
    names_from: str | None = None
    """A release of the task token-classification, or a project that has one: what it finds is taken out beside what
    `entities` says. A service cleans without it."""
    names_labels: dict[str, str] | None = Field(default=None, min_length=1)
    """Which labels of that release count, and what they are called here, such as `{PER: name, LOC: location}`; when
    absent, those for names of people."""
    replace: Literal["mask", "pseudonym", "hash"] = "mask"
    """`mask`: `[EMAIL]`. `pseudonym`: a made-up value of the same kind, always the same for one value and key. `hash`:
    `[EMAIL:4f0c61b2d39a7e58]`, a keyed hash."""
    key_env: str | None = None
    """The environment variable that holds the key of pseudonyms and hashes: 32 bytes in hex or base64, or a passphrase
    of at least 16 characters."""
    vault: str | None = None
    """An encrypted file that keeps what each pseudonym or hash stands for, so that texts can be restored."""
    vault_key: str | None = None
    """The file with the vault's key, readable by its owner only. Keep it away from the data."""
    vault_key_env: str | None = None
    """Instead of `vault_key`: the environment variable that holds the vault's key."""
    min_score: float = Field(default=MIN_SCORE, ge=0, le=1)
    """Findings that are less sure are left in the text."""
    max_chars: int = Field(default=MAX_CHARS, gt=0)
    """A longer text is refused."""
    _open_entities: OpenEntities | None = PrivateAttr(default=None)

    @field_validator("regions")
    @classmethod
    def _two_capitals(cls, regions: list[str]) -> list[str]:
        for region in regions:
            if len(region) != 2 or not (region.isascii() and region.isalpha() and region.isupper()):
                raise ValueError(f"{region!r} is no region; write two capital letters, such as CN or DE")
        return regions

    @field_validator("names_labels")
    @classmethod
    def _can_be_called(cls, labels: dict[str, str] | None) -> dict[str, str] | None:
        for entity in (labels or {}).values():
            if not ENTITY.fullmatch(entity):
                raise ValueError(f"{entity!r} is no entity; write small letters, digits and hyphens, such as location")
        return labels

    @model_validator(mode="after")
    def _model_is_named(self) -> Self:
        if self.names_labels and self.names_from is None:
            raise ValueError("there are labels of a model, but no model: set names_from")
        return self

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        if self.vault is None:
            if self.vault_key or self.vault_key_env:
                raise ValueError("there is a key of a vault, but no vault")
            if self.replace != "mask" and self.key_env is None:
                raise ValueError(f"{self.replace} needs key_env, the environment variable that holds the key")
        else:
            if self.replace == "mask":
                raise ValueError("a mask cannot be restored; with a vault, replace by pseudonym or hash")
            if (self.vault_key is None) == (self.vault_key_env is None):
                raise ValueError("a vault needs either vault_key or vault_key_env")
        return self

    def __call__(self, text: str) -> str | Refusal | Changed:
        """The text without personal data, with the number of values by entity; a refusal if it cannot be searched."""
        return self.each([text])[0]

    def each(self, texts: Sequence[str]) -> list[str | Refusal | Changed]:
        """The same for several texts, which a model reads together; a vault is synced once for all of them."""
        finder, instead, vault = self._ready()
        searched: list[list[Finding] | Refusal] = [_searched(finder, text) for text in texts]
        model = self._model()
        if model is not None:
            places = [place for place, found in enumerate(searched) if not isinstance(found, Refusal)]
            for place, more in zip(places, model([texts[place] for place in places]), strict=True):
                found = searched[place]
                assert not isinstance(found, Refusal)
                searched[place] = without_overlaps([*found, *more])
        done = [_redacted(text, found, instead) for text, found in zip(texts, searched, strict=True)]
        if vault is not None:
            vault.sync()
        return done

    def with_models(self, open_entities: OpenEntities | None) -> Self:
        """The step, able to open the model of `names_from`."""
        if self.names_from is None:
            return self
        able = self.model_copy()
        able._open_entities = open_entities
        return able

    def served(self) -> Cleaner | None:
        """The same without the vault and the model: what a service is asked about is not written down."""
        return self.without_vault().model_copy(update={"names_from": None, "names_labels": None})

    def without_vault(self) -> Self:
        """The same without the vault. Where that was the only key, values are masked."""
        if self.vault is None:
            return self
        replace = self.replace if self.key_env else "mask"
        return self.model_copy(update={"vault": None, "vault_key": None, "vault_key_env": None, "replace": replace})

    def check_keys(self) -> None:
        """See `CleanStep.check_keys`; the vault itself is not opened, which might make it."""
        if self.key_env is not None:
            secret_from_environment(self.key_env, where=f"{WHERE}.key_env")
        if self.vault_key_env is not None:
            secret_from_environment(self.vault_key_env, where=f"{WHERE}.vault_key_env")
        if self.vault_key is not None:
            secret_from_file(Path(self.vault_key), where=f"{WHERE}.vault_key")

    def check(self) -> None:
        """Read the keys, and open vault and model now, so that what is wrong with them is told before any work.

        Raises:
            SpecError: an unknown entity or label, or a key that is missing or does not fit.
            ArtifactError: the vault or the model cannot be opened.
        """
        self._ready()
        self._model()

    def _ready(self) -> Ready:
        secrets = tuple(os.environ.get(name) if name else None for name in (self.key_env, self.vault_key_env))
        return _prepared(self.model_dump_json(), secrets)

    def _model(self) -> ModelFinder | None:
        if self.names_from is None:
            return None
        return model_finder(
            self._open_entities, self.names_from, self.names_labels, min_score=self.min_score, where=WHERE
        )


def _searched(finder: Finder, text: str) -> list[Finding] | Refusal:
    try:
        return finder.find(text)
    except TooMuchToSearch as error:
        return Refusal(f"not searched for personal data: {error.message}")


def _redacted(
    text: str, findings: list[Finding] | Refusal, instead: Callable[[str, str], str]
) -> str | Refusal | Changed:
    if isinstance(findings, Refusal):
        return findings
    return Changed(*replaced(text, findings, instead)) if findings else text


@lru_cache(maxsize=4)
def _prepared(options: str, secrets: tuple[str | None, ...]) -> Ready:
    """What a step with these options needs in this process: keys are read here, and never leave it."""
    del secrets  # read again where they are needed; here they only say that something has changed
    step = Redact.model_validate_json(options)
    settings = RecognizerSettings(tuple(step.languages), tuple(step.regions))
    finder = Finder(
        step.entities, settings, min_score=step.min_score, max_chars=step.max_chars, where=f"{WHERE}.entities"
    )
    if step.replace == "mask":
        return finder, lambda _value, entity: mask_token(entity), None
    make: Make = pseudonym if step.replace == "pseudonym" else hash_token
    vault, key = None, b""
    if step.vault is not None:
        vault = opened_vault(Path(step.vault), step.vault_key, step.vault_key_env, where=WHERE)
        key = derived(vault.key, step.replace)
    if step.key_env is not None:
        secret = secret_from_environment(step.key_env, where=f"{WHERE}.key_env")
        key = derived(secret.key(SALT), step.replace)
    if vault is None:
        return finder, lambda value, entity: make(value, entity, key), None
    return finder, lambda value, entity: _claimed(vault, make, value, entity, key), vault


def _claimed(vault: Vault, make: Make, value: str, entity: str, key: bytes) -> str:
    """The first token of the value that stands for nothing else."""
    for attempt in range(MAX_ATTEMPTS):
        token = make(value, entity, key, attempt, exact=True)
        if vault.claim(token, value):
            return token
    token = hash_token(value, entity, key, exact=True)  # there are only so many given names
    if vault.claim(token, value):
        return token
    raise ArtifactError("the vault has no room for another value of this kind", where=vault.where)
