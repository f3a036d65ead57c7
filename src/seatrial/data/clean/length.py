"""Texts that are too short or too long are dropped, or cut."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal

__all__ = ["LimitLength"]

WORD = re.compile(r"\S+")


class LimitLength(CleanStep):
    """Keeps texts within bounds. Words are what stands between spaces: count Chinese in characters."""

    min_chars: int | None = Field(default=None, ge=0)
    """A text with fewer characters is dropped."""
    max_chars: int | None = Field(default=None, ge=1)
    """A text with more characters is too long."""
    min_words: int | None = Field(default=None, ge=0)
    """A text with fewer words is dropped."""
    max_words: int | None = Field(default=None, ge=1)
    """A text with more words is too long."""
    too_long: Literal["drop", "cut"] = "drop"
    """What becomes of a text that is too long; `cut` keeps its beginning."""

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        bounds = ((self.min_chars, self.max_chars, "chars"), (self.min_words, self.max_words, "words"))
        for least, most, unit in bounds:
            if least is not None and most is not None and least > most:
                raise ValueError(f"min_{unit} is {least} and max_{unit} is {most}; no text is both")
        if all(bound is None for least, most, _ in bounds for bound in (least, most)):
            raise ValueError("it has no limit; give one of min_chars, max_chars, min_words, max_words")
        return self

    def __call__(self, text: str) -> str | Refusal | Changed:
        """The text, its beginning, or a refusal that names the bound."""
        if self.min_chars is not None and len(text) < self.min_chars:
            return Refusal(f"fewer than {self.min_chars:,} characters")
        if self.min_words is not None and not self._has_words(text, self.min_words):
            return Refusal(f"fewer than {self.min_words:,} words")
        cut = text
        if self.max_words is not None and self._has_words(text, self.max_words + 1):
            if self.too_long == "drop":
                return Refusal(f"more than {self.max_words:,} words")
            cut = text[: self._end_of_word(text, self.max_words)]
        if self.max_chars is not None and len(cut) > self.max_chars:
            if self.too_long == "drop":
                return Refusal(f"more than {self.max_chars:,} characters")
            cut = cut[: self.max_chars]
        return text if cut == text else Changed(cut, {"cut": 1})

    def served(self) -> Cleaner | None:
        """Texts that are too long are cut as in training; nothing where texts are only dropped."""
        return self if self.too_long == "cut" else None

    def _has_words(self, text: str, count: int) -> bool:
        return count == 0 or any(number >= count for number, _ in enumerate(WORD.finditer(text), start=1))

    def _end_of_word(self, text: str, count: int) -> int:
        return next((found.end() for number, found in enumerate(WORD.finditer(text), start=1) if number == count), 0)
