"""Payment cards: an issuer's first digits and length, then the Luhn check digit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches

__all__ = ["Card", "luhn_sum"]

GROUPED = r"[0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}(?:[ .-][0-9]{3})?"
SIX_FIRST = r"3[0-9]{3}[ .-][0-9]{6}[ .-][0-9]{4,5}"
NUMBER = Pattern(rf"\b(?:{GROUPED}|{SIX_FIRST}|[0-9]{{6}}[ -][0-9]{{13}}|[0-9]{{12,19}})\b")
SINGLE = Pattern(r"\b[0-9](?:[ -][0-9])+\b")
"""Digits one by one; only a whole run counts, so that no run is searched twice."""
ISSUERS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),  # Mastercard
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),  # American Express
    (62, 62, (16, 17, 18, 19)),  # UnionPay
    (81, 81, (16, 17, 18, 19)),  # UnionPay
    (6011, 6011, (16, 19)),  # Discover
    (644, 649, (16, 19)),  # Discover
    (65, 65, (16, 19)),  # Discover
    (300, 305, (14, 16, 19)),  # Diners Club
    (3095, 3095, (14, 16, 19)),  # Diners Club
    (36, 36, (14, 16, 19)),  # Diners Club
    (38, 39, (14, 16, 19)),  # Diners Club
    (3500, 3589, (16, 19)),  # JCB; those below 3528 are not given out yet
    (1800, 1800, (15,)),  # JCB, before 2000
    (2131, 2131, (15,)),  # JCB, before 2000
    (2200, 2204, (16, 17, 18, 19)),  # Mir
    (50, 50, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (56, 58, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (60, 61, (16, 17, 18, 19)),  # RuPay, Maestro
    (63, 63, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (67, 68, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
)
DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
SINGLED = bytes.maketrans(b"0123456789", bytes(range(10)))
NOT_DIGITS = bytes(byte for byte in range(256) if byte not in b"0123456789")


class Card:
    """A number of the right length passes Luhn one time in ten: without an issuer's first digits it is no card."""

    entity = "card"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=12)
    context = (
        r"card|visa|master|amex|american express|unionpay|discover|debit|credit|\bcc\b|cvv|payment|卡号|卡號|银行卡|"
        r"信用卡|储蓄卡|銀行卡|儲蓄卡|帐号|账号|帳號|银联|銀聯|支付|付款"
    )

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # cards are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers in one piece or in groups, then digits one by one."""
        data = text.data

        def number(match: Any) -> Candidate | None:
            start, end = match.span()
            if _continues(data, start, end):
                return None
            for shorter in (end, end - 4):  # four groups may be followed by a code of three digits
                digits = data[start:shorter].translate(None, NOT_DIGITS)
                if _is_card(digits):
                    # Long numbers in one piece are often something else: without context they count a little less.
                    return Candidate(start, shorter, 0.6 if len(digits) < 14 else 0.8)
                if end - start < 20 or data[end - 4] not in b" .-":
                    return None
            return None

        def single(match: Any) -> Candidate | None:
            digits = match.group().translate(None, NOT_DIGITS)
            return Candidate(match.start(), match.end(), 0.8) if len(digits) <= 19 and _is_card(digits) else None

        yield from candidates(NUMBER, text, number)
        if SINGLE.search(data) is not None:
            yield from candidates(SINGLE, text, single)


def luhn_sum(digits: bytes) -> int:
    """The Luhn sum of a number given as ASCII digits; a multiple of 10 where the check digit is right."""
    return sum(digits[-1::-2].translate(SINGLED)) + sum(digits[-2::-2].translate(DOUBLED))


def _is_card(digits: bytes) -> bool:
    length = len(digits)
    if not 12 <= length <= 19 or luhn_sum(digits) % 10:
        return False
    return (
        any(length in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in ISSUERS)
        and len(set(digits)) > 1
    )


def _continues(data: bytes, start: int, end: int) -> bool:
    """Whether the digits go on beyond the span, as in a decimal number."""
    return (
        touches(data, start, end)
        or (start > 1 and data[start - 1] in b".-" and data[start - 2 : start - 1].isdigit())
        or (data[end : end + 1] in (b".", b"-") and data[end + 1 : end + 2].isdigit())
    )
