"""E-mail addresses, also written as `name [at] host [dot] org`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["Email"]

# Of the local part only the end is bounded: RE2 needs a copy of its program for each repetition that is counted.
PLAIN = Pattern(
    r"[0-9A-Za-z_][0-9A-Za-z_.!#$%&'*+/=?^{|}~-]*@(?:[0-9A-Za-z][0-9A-Za-z-]*\.)+(?:xn--[0-9A-Za-z-]+|[A-Za-z]{2,24})"
)
SPELT = Pattern(
    r"(?i)\b[0-9a-z][0-9a-z._+-]* ?(?:\[ ?at ?\]|\( ?at ?\)|\{ ?at ?\}) ?[0-9a-z-]+"
    r"(?:(?:\.| ?\[ ?dot ?\] ?| ?\( ?dot ?\) ?| ?\{ ?dot ?\} ?)[0-9a-z-]+)+"
)
BRACKETS = (b"[at", b"(at", b"{at", b"[ at", b"( at", b"{ at", b"[AT", b"(AT", b"{AT")


class Email:
    """A pattern is enough: hardly anything else looks like an address."""

    entity = "email"
    languages: tuple[str, ...] = ()
    gate = Gate(any_of=(b"@", *BRACKETS))
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # addresses are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Plain addresses, then spelt ones."""
        if b"@" in text.data:
            yield from candidates(PLAIN, text, _plain)
        if any(bracket in text.data for bracket in BRACKETS):
            yield from candidates(SPELT, text, lambda match: Candidate(match.start(), match.end(), 0.8))


def _plain(match: Any) -> Candidate:
    return Candidate(match.start(), match.end(), 0.95)
