"""Identity numbers of mainland China: 18 characters with a birth date and a check digit, or the old 15 digits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches

__all__ = ["IdCn"]

NEW = Pattern(r"(?i)\b[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[ -]?[01][0-9][0-3][0-9][ -]?[0-9]{3}[0-9x]\b")
OLD = Pattern(r"\b[1-9][0-9]{7}[01][0-9][0-3][0-9][0-9]{3}\b")
PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91)
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = b"10X98765432"


class IdCn:
    """A number with a wrong check digit counts only beside a word for it: people mistype."""

    entity = "id-cn"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=15)
    context = r"身份|证件|證件|\bid\b|identity|citizen|公民|证号"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the number is the same in every language

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers of 18 characters, then of 15."""
        data = text.data

        def new(match: Any) -> Candidate | None:
            number = match.group().translate(None, b" -").upper()
            if touches(data, *match.span()) or not _plausible(number[:2], number[6:14]):
                return None
            right = CHECKS[sum(w * (n - 48) for w, n in zip(WEIGHTS, number[:17], strict=True)) % 11] == number[17]
            return Candidate(match.start(), match.end(), 0.95 if right else 0.3)

        def old(match: Any) -> Candidate | None:
            number = match.group()
            if not _plausible(number[:2], b"19" + number[6:12]):
                return None
            return Candidate(match.start(), match.end(), 0.3)

        if text.digits >= 17:
            yield from candidates(NEW, text, new)
        yield from candidates(OLD, text, old)


def _plausible(province: bytes, born: bytes) -> bool:
    if int(province) not in PROVINCES:
        return False
    try:
        date(int(born[:4]), int(born[4:6]), int(born[6:8]))
    except ValueError:
        return False
    return True
