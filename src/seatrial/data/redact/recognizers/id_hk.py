"""Identity card numbers of Hong Kong: one or two letters, six digits, and a check character in brackets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches

__all__ = ["IdHk"]

NUMBER = Pattern(r"(?i)\b[a-z]{1,2}[0-9]{6} ?(?:\([0-9a]\)|[0-9a]\b)")
WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)
BLANK = 36
"""What stands for the missing one of two letters."""


class IdHk:
    """The brackets make it sure; without them a number counts beside a word for it."""

    entity = "id-hk"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=6)
    context = r"hkid|身份證|身份证|香港|證件|证件|identity|\bid\b|hong kong"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the number is the same in every language

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers whose check character is right."""
        data = text.data

        def checked(match: Any) -> Candidate | None:
            if touches(data, *match.span()):
                return None
            compact = match.group().translate(None, b" ()").upper().decode("ascii")
            values = [BLANK] * (9 - len(compact)) + [int(character, 36) for character in compact[:-1]]
            total = sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))
            if (total + int(compact[-1], 36)) % 11:
                return None
            return Candidate(match.start(), match.end(), 0.85 if b"(" in match.group() else 0.4)

        yield from candidates(NUMBER, text, checked)
