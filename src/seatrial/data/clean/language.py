"""Texts in other languages than those wanted are dropped, as lingua tells them apart."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from seatrial.data.clean.base import Cleaner, CleanStep, Refusal
from seatrial.errors import MissingExtraError, SpecError
from seatrial.registry import did_you_mean

if TYPE_CHECKING:
    import lingua

__all__ = ["USUAL_LANGUAGES", "KeepLanguages", "language_of"]

USUAL_LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "uk", "vi", "zh")
"""Told apart where nothing else is said. Each further language costs time and memory, and makes mistakes likelier."""
MAX_CHARS = 2000
"""More of a text says nothing more about its language, and would cost time."""


class KeepLanguages(CleanStep):
    """Drops texts in other languages. Made for data: what a served model is asked about is not looked at."""

    languages: list[str] = Field(min_length=1)
    """Those that stay, by their ISO 639-1 codes, such as `en` and `zh`."""
    among: list[str] = Field(default_factory=lambda: [*USUAL_LANGUAGES], min_length=1)
    """Languages that are told apart; those that stay are added. Fewer are faster, need less memory and are surer."""
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    """The wanted languages together must be at least this likely."""
    min_letters: int = Field(default=20, ge=0)
    """In a text with fewer letters the language cannot be told."""
    short: Literal["keep", "drop"] = "keep"
    """What becomes of such a text."""

    @model_validator(mode="after")
    def _codes(self) -> Self:
        for code in (*self.languages, *self.among):
            if len(code) != 2 or not (code.isascii() and code.isalpha() and code.islower()):
                raise ValueError(f"{code!r} is no language; write its ISO 639-1 code, such as en")
        return self

    def __call__(self, text: str) -> str | Refusal:
        """The text as it is, or a refusal that names the language it is probably in."""
        if sum(map(str.isalpha, text[:MAX_CHARS])) < self.min_letters:
            return text if self.short == "keep" else Refusal("too short to tell its language")
        known = tuple(sorted({*self.languages, *self.among}))
        if len(known) == 1:
            return text
        values = _confidences(text[:MAX_CHARS], known)
        if sum(values[code] for code in self.languages) >= self.min_confidence:
            return text
        likeliest = max(values, key=lambda code: (values[code], code))
        wanted = likeliest in self.languages or not values[likeliest]
        return Refusal("language not clear" if wanted else f"language is probably {likeliest}")

    def served(self) -> Cleaner | None:
        """Nothing: whoever asks gets an answer."""
        return None


def language_of(text: str, among: tuple[str, ...] = USUAL_LANGUAGES) -> str | None:
    """The likeliest language of a text.

    Args:
        text: its beginning is looked at.
        among: ISO 639-1 codes of the languages it may be, at least two.

    Returns:
        Its code, or None where no letter tells.

    Raises:
        SpecError: lingua knows no such language.
        MissingExtraError: lingua is not installed.
    """
    found = _detector(tuple(sorted(set(among)))).detect_language_of(text[:MAX_CHARS])
    return None if found is None else str(found.iso_code_639_1.name).lower()


def _confidences(text: str, known: tuple[str, ...]) -> dict[str, float]:
    found = _detector(known).compute_language_confidence_values(text)
    return {str(one.language.iso_code_639_1.name).lower(): float(one.value) for one in found}


@lru_cache(maxsize=4)
def _detector(codes: tuple[str, ...]) -> lingua.LanguageDetector:
    """Built once per process; the models of its languages are loaded with the first text."""
    try:
        from lingua import IsoCode639_1, Language, LanguageDetectorBuilder
    except ImportError as error:
        raise MissingExtraError("telling languages apart", "data") from error
    known = {str(language.iso_code_639_1.name).lower(): language.iso_code_639_1 for language in Language.all()}
    for code in codes:
        if code not in known:
            raise SpecError(f"language {code!r} cannot be told", where="languages", hint=did_you_mean(code, known))
    wanted: list[IsoCode639_1] = [known[code] for code in codes]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*wanted).build()
