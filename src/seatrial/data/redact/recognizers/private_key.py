"""Private keys in PEM, from the first line to the last; one that is cut off goes to the end of the text."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern

__all__ = ["PrivateKey"]

BEGIN = Pattern(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
END = Pattern(r"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")


class PrivateKey:
    """Counts as a `secret`."""

    entity = "secret"
    languages: tuple[str, ...] = ()
    gate = Gate(any_of=(b"PRIVATE KEY",))
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # keys are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Each block; the search goes on behind it, so that every byte is looked at once."""
        place = 0
        while (begin := BEGIN.search(text.data, place)) is not None:
            end = END.search(text.data, begin.end())
            place = len(text.data) if end is None else end.end()
            yield Candidate(begin.start(), place, 1.0)
