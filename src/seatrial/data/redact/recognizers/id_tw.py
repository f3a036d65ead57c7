"""Identity numbers of Taiwan, and the residence numbers of foreigners there: a letter and nine digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["IdTw"]

NUMBER = Pattern(r"(?i)\b[a-z][1289][0-9]{8}\b")
REGIONS = b"ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their codes, which begin with 10."""
WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)


class IdTw:
    """One number in ten passes the check by chance, so that one without a word for it is not quite sure."""

    entity = "id-tw"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=9)
    context = r"身分證|身份證|身分证|证件|證件|證號|居留證|national id|\bid\b|統一編號"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the number is the same in every language

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers whose check digit is right."""
        yield from candidates(NUMBER, text, _checked)


def _checked(match: Any) -> Candidate | None:
    number = match.group().upper()
    code = REGIONS.index(number[0]) + 10
    digits = (code // 10, code % 10, *(digit - 48 for digit in number[1:]))
    if sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=True)) % 10:
        return None
    return Candidate(match.start(), match.end(), 0.7)
