"""Words are replaced by, or joined with, words of like meaning. Source: Wei and Zou 2019, "EDA", §2.

The words come from a list of the user's own, or are neighbours among the word embeddings of the project's encoder.
Neighbours are used alike, which is not the same as meaning the same: "good" and "bad" can be neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from seatrial.data.augment.base import Asked, Augmenter, AugmentMethod, Material
from seatrial.data.augment.words import KEPT_WORDS, chosen, replaced, word_spans
from seatrial.errors import DataError

__all__ = ["Synonyms"]


class Synonyms(AugmentMethod):
    """Replaces words for which another is known."""

    rate: float = Field(default=0.1, gt=0, le=1)
    """Words to replace, as a share of those for which another is known; at least one."""
    file: str | None = None
    """A UTF-8 text file, relative to the project file: on each line a word and those that may stand for it, parted by
    tabs. Without it, neighbours in the encoder's vocabulary."""
    neighbours: int = Field(default=5, ge=1, le=50)
    """How many neighbours to choose from."""
    at_least: float = Field(default=0.6, ge=-1, le=1)
    """Cosine of the embeddings from which a word counts as a neighbour."""
    insert: bool = False
    """Add the other word somewhere in the text instead of replacing (random insertion)."""
    keep: list[str] = Field(default_factory=lambda: list(KEPT_WORDS))
    """Words that stay; by default those that negate."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.file is not None and {"neighbours", "at_least"} & self.model_fields_set:
            raise ValueError(
                "neighbours and at_least are for the encoder's vocabulary; leave them out, or leave out file"
            )
        return self

    def uses_encoder(self) -> bool:
        """Without a file of its own."""
        return self.file is None

    def files(self) -> tuple[str, ...]:
        """The list."""
        return () if self.file is None else (self.file,)

    def ready(self, material: Material) -> Augmenter:
        """Read the list, or ask the encoder about all words of the texts at once.

        Raises:
            DataError: the list cannot be read or holds nothing.
        """
        listed = None if self.file is None else _read(material.root / self.file, f"{material.where}.options.file")

        def changed(asked: Sequence[Asked]) -> list[str | None]:
            spans = [word_spans(one.text, self.keep) for one in asked]
            known: Mapping[str, Sequence[str]]
            if listed is not None:
                known = listed
            else:
                words = {one.text[slice(*span)].lower() for one, its in zip(asked, spans, strict=True) for span in its}
                known = material.words().neighbours(sorted(words), self.neighbours, self.at_least)
            return [self._changed(one, its, known) for one, its in zip(asked, spans, strict=True)]

        return changed

    def _changed(self, one: Asked, spans: Sequence[tuple[int, int]], known: Mapping[str, Sequence[str]]) -> str | None:
        usable = [span for span in spans if known.get(one.text[slice(*span)].lower())]
        if not usable:
            return None
        taken = chosen(usable, self.rate, one.random)
        new = [
            _like(one.text[slice(*span)], one.random.choice(known[one.text[slice(*span)].lower()])) for span in taken
        ]
        if not self.insert:
            return replaced(one.text, zip(taken, new, strict=True))
        places = sorted(one.random.choice(spans)[0] for _ in new)
        return replaced(one.text, [((place, place), f"{word} ") for place, word in zip(places, new, strict=True)])


def _like(word: str, other: str) -> str:
    """The other word in the case of the first."""
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[:1].upper() + other[1:] if word[:1].isupper() else other


def _read(path: Path, where: str) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    try:
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            word, *others = (part.strip() for part in line.split("\t"))
            if word and any(others):
                known.setdefault(word.lower(), []).extend(other for other in others if other)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", where=where, hint="give a UTF-8 text file") from error
    if not known:
        raise DataError(
            f"{path.name} has no line with a word and another",
            where=where,
            expected="word, tab, other word on each line",
        )
    return known
