"""International bank account numbers: a country's length, then the check digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["Iban"]

NUMBER = Pattern(r"(?i)\b[a-z]{2}[0-9]{2}(?:[ -]?[0-9a-z]){11,30}")
LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
    "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 "
    "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 "
    "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 "
    "VA22 VG24 XK20 YE30"
)
VALUES = {ord(letter): str(place) for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)}
LENGTH = {entry[:2]: int(entry[2:]) for entry in LENGTHS.split()}
"""Characters of an account number by country, as the registry of ISO 13616 has them."""


class Iban:
    """What follows the number in the text is not swallowed: the country says how long it is."""

    entity = "iban"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=6)
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # numbers carry their country

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers whose check digits are right."""
        yield from candidates(NUMBER, text, _checked, step="start")


def _checked(match: Any) -> Candidate | None:
    written = match.group()
    length = LENGTH.get(written[:2].decode("ascii").upper())
    if length is None:
        return None
    compact = written.translate(None, b" -")
    if len(compact) < length:
        return None
    end, left = 0, length
    while left:
        left -= written[end] not in b" -"
        end += 1
    if end < len(written) and written[end : end + 1].isalnum():
        return None
    number = compact[:length].decode("ascii").upper()
    if int((number[4:] + number[:4]).translate(VALUES)) % 97 != 1:
        return None
    return Candidate(match.start(), match.start() + end, 0.95)
