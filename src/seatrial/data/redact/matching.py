"""Patterns through RE2, whose time grows with the text and not with what a text makes of the pattern.

Refuses to know: what the patterns mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, TooMuchToSearch
from seatrial.data.redact.canonical import Canonical
from seatrial.errors import MissingExtraError

__all__ = ["MAX_CANDIDATES", "Pattern", "candidates", "touches", "words"]

MAX_CANDIDATES = 5_000
"""Of one recogniser in one text. Checking each costs some microseconds, and a text may be made to hold one per byte."""
BYTES_PER_CANDIDATE = 16
"""A long text may hold more: one for this many bytes."""
MAX_AUTOMATON_BYTES = 64 << 20  # RE2's own 8 MiB is little for classes of Unicode; beyond it RE2 slows down
DIGITS = b"0123456789"


class Pattern:
    """A compiled pattern over UTF-8 bytes.

    Args:
        source: in RE2's syntax: no look-around, no back-references; `\\b` and `\\d` know ASCII only.
    """

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: Any = None

    @property
    def compiled(self) -> Any:
        """The pattern as `re2` has it; compiled with the first use."""
        if self._compiled is None:
            try:
                import re2
            except ImportError as error:
                raise MissingExtraError("finding personal data", "data") from error
            options = re2.Options()
            options.max_mem = MAX_AUTOMATON_BYTES
            options.log_errors = False
            self._compiled = re2.compile(self.source, options)
        return self._compiled

    def search(self, data: bytes, start: int = 0, end: int | None = None) -> Any:
        """The leftmost match at or after `start`, or None."""
        return self.compiled.search(data, start, end)

    def matches(self, data: bytes) -> Iterator[Any]:
        """Matches that do not overlap, in order."""
        most = MAX_CANDIDATES + len(data) // BYTES_PER_CANDIDATE
        for count, match in enumerate(self.compiled.finditer(data)):
            if count == most:
                raise too_many()
            yield match


def candidates(
    pattern: Pattern, text: Canonical, check: Callable[[Any], Candidate | None], *, step: str = "end"
) -> Iterator[Candidate]:
    """Matches that pass a check.

    Args:
        pattern: what to look for.
        text: where.
        check: the candidate that a match is, or None.
        step: where the search goes on after a match that fails the check: behind it (``"end"``), or one character
            after its first (``"start"``), for patterns of bounded length.

    Raises:
        TooMuchToSearch: more matches than a text of this length should have.
    """
    data, place, count = text.data, 0, 0
    most = MAX_CANDIDATES + len(data) // BYTES_PER_CANDIDATE
    while (match := pattern.search(data, place)) is not None:
        count += 1
        if count > most:
            raise too_many()
        found = check(match)
        if found is not None:
            yield found
            place = max(found.end, place + 1)
        elif step == "end":
            place = max(match.end(), place + 1)
        else:
            place = match.start() + 1
            while place < len(data) and 0x80 <= data[place] < 0xC0:  # within a character
                place += 1


def too_many() -> TooMuchToSearch:
    """What to raise where a text holds more than can be checked."""
    return TooMuchToSearch(
        "a text holds too many places that look like personal data",
        hint="split the text, or leave it out",
    )


def touches(data: bytes, start: int, end: int, what: bytes = DIGITS) -> bool:
    """Whether one of the bytes `what` stands directly before or after the span."""
    return (start > 0 and data[start - 1] in what) or (end < len(data) and data[end] in what)


def words(text: str) -> tuple[str, ...]:
    """The words of a list that is written as one text, which reads better than a column of strings."""
    return tuple(text.split())
