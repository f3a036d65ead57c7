"""Social Security numbers of the United States, and the taxpayer numbers that begin with 9."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["UsSsn"]

NUMBER = Pattern(r"\b[0-9]{3}([- ]?)[0-9]{2}([- ]?)[0-9]{4}\b")
NEVER = (b"000", b"666")
ADVERTISED = (b"078051120", b"219099999")  # printed on sample cards; they are nobody's


class UsSsn:
    """There is no check digit: dashes make it likely, a word for it makes it sure."""

    entity = "us-ssn"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=9)
    context = r"\bssn\b|social[ -]security|\bss ?#|\bitin\b|taxpayer|tax id|社会安全|社會安全|社安"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the number is the same in every language

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers of ranges that are given out."""
        data = text.data

        def checked(match: Any) -> Candidate | None:
            start, end = match.span()
            first, second = match.group(1), match.group(2)
            if first != second or data[max(0, start - 1) : start] in (b"-", b".") or data[end : end + 1] == b"-":
                return None
            number = match.group().translate(None, b"- ")
            if number[:3] in NEVER or number[3:5] == b"00" or number[5:] == b"0000" or number in ADVERTISED:
                return None
            if number[:1] == b"9" and not b"50" <= number[3:5] <= b"99":
                return None
            return Candidate(start, end, {b"-": 0.7, b" ": 0.4, b"": 0.2}[first])

        yield from candidates(NUMBER, text, checked)
