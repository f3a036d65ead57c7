"""What a recogniser promises: a view of a text in, candidates with a score out.

Refuses to know: what becomes of a finding, and which other recognisers there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from seatrial.data.redact.canonical import Canonical
from seatrial.errors import DataError

__all__ = ["Candidate", "Finding", "Gate", "Recognizer", "RecognizerSettings", "TooMuchToSearch"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data in a text.

    Attributes:
        start: first character, counted in the text as it was given.
        end: one past the last.
        entity: what it is, for example ``"email"``.
        score: 0 to 1, how sure the recogniser is.
    """

    start: int
    end: int
    entity: str
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a recogniser takes for personal data; `start` and `end` are bytes of `Canonical.data`."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Gate:
    """What a text must hold before the recogniser is asked at all; cheap to test, and it must never lie.

    A set of regular expressions would be the other way. RE2's says "no match" when its automaton outgrows its memory,
    and then personal data would pass; counting bytes cannot fail.

    Attributes:
        digits: at least this many of 0 to 9.
        any_of: at least one of these byte strings; empty asks for none.
        capital: at least one of A to Z, or a character beyond ASCII.
        beyond_ascii: at least one character beyond ASCII.
    """

    digits: int = 0
    any_of: tuple[bytes, ...] = ()
    capital: bool = False
    beyond_ascii: bool = False


@dataclass(frozen=True, slots=True)
class RecognizerSettings:
    """What a recogniser may be told.

    Attributes:
        languages: of the texts: ``"en"``, ``"zh"``.
        regions: whose national phone numbers count, as two-letter codes.
    """

    languages: tuple[str, ...] = ("en", "zh")
    regions: tuple[str, ...] = ("CN", "TW", "HK", "US")


class Recognizer(Protocol):
    """Finds one kind of personal data. Built once per process with `RecognizerSettings`, then asked for each text."""

    entity: str
    """What it finds; several recognisers may find the same."""
    languages: tuple[str, ...]
    """The languages it is for; empty for all."""
    gate: Gate
    """What a text must hold before `find` is asked."""
    context: str
    """An RE2 pattern of words that make a candidate near them surer; empty for none."""

    def find(self, text: Canonical) -> Iterable[Candidate]:
        """Candidates, checked as far as they can be; they may overlap.

        Its time must grow in proportion to the text, whatever the text: give up with `TooMuchToSearch` otherwise.
        """


class TooMuchToSearch(DataError):
    """A text is too long, or holds too many candidates, to be searched whole. It must be refused, never passed on."""
