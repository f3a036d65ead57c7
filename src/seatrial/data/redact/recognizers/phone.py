"""Phone numbers: international ones, and the national forms of the regions that were asked for.

China, Taiwan, Hong Kong and North America have patterns of their own; of any other region `phonenumbers` decides. A
number without separators that could be anything counts only beside a word such as "call" or 电话.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches
from seatrial.errors import MissingExtraError

__all__ = ["Phone"]

EXTENSION = r"(?:(?: ?(?:x|ext\.?|extension|#|转|轉|分机|分機) ?|-)[0-9]{1,6}\b)?"
INTERNATIONAL = Pattern(r"(?:\+ ?|\(\+|\b00[ -]?)[1-9](?:[ .()/-]{0,2}[0-9]){6,14}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?")
CHINA = r"(?:\(?(?:\+|00)?86\)?[ -]?)?"
NORTH_AMERICA = (
    r"(?i)(?:\b(?:00)?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ -]?|\b[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-]?[0-9]{4}"
    r"(?:(?: ?(?:x|ext\.?|#) ?)[0-9]{1,6})?\b"
)
EIGHT_DIGITS = r"\b[2-9][0-9]{3}[ -]?[0-9]{4}\b"
NATIONAL: dict[str, tuple[tuple[str, float], ...]] = {
    "CN": (
        (rf"(?i)\b{CHINA}1[3-9][0-9](?:[ -]?[0-9]{{4}}){{2}}\b", 0.75),
        (r"(?i)\b1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4}\b", 0.7),
        (
            rf"(?i)(?:\(0[1-9][0-9]{{1,2}}\) ?|\b0[1-9][0-9]{{1,2}}[ -])[1-9][0-9]{{2,3}}[ -]?[0-9]{{4}}{EXTENSION}",
            0.65,
        ),
        (r"\b0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}\b", 0.4),
        (r"\b[48]00[ -][0-9]{3}[ -]?[0-9]{4}\b|\b[48]00[ -][0-9]{4}[ -][0-9]{3}\b", 0.65),
        (r"\b[48]00[0-9]{7}\b", 0.4),
        (EIGHT_DIGITS, 0.2),
    ),
    "TW": (
        (r"\b09[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}\b", 0.7),
        (r"(?:\(0[2-8][0-9]{0,2}\) ?|\b0[2-8][0-9]{0,2}[ -])[0-9]{3,4}[ -]?[0-9]{3,4}(?: ?#[0-9]{1,6})?\b", 0.65),
        (r"(?:\(0[0-9]{1,2}\) ?|\b0[0-9]{1,2}[ -])[0-9]{7,8}\b", 0.4),
    ),
    "HK": ((EIGHT_DIGITS, 0.2),),
    "US": (
        (NORTH_AMERICA, 0.75),
        (r"(?i)\b1?[2-9][0-9]{2}[2-9][0-9]{6}(?:(?: ?(?:x|ext\.?) ?)[0-9]{1,6})?\b", 0.4),
        (r"\b[2-9][0-9]{2}[ .-][0-9]{4}\b", 0.3),
    ),
}
SAME_AS = {"CA": "US", "MO": "HK"}
ANY_REGION = Pattern(r"(?:\(0?[1-9][0-9]{0,4}\) ?|\b0?[1-9][0-9]{0,4}[ ./-]?)[0-9](?:[ ./-]?[0-9]){4,9}\b")
YEARS = Pattern(r"^(?:19|20)[0-9]{2}[ -](?:19|20)[0-9]{2}$")
DATE = Pattern(r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$")


class Phone:
    """Findings of several patterns may overlap; they become one."""

    entity = "phone"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=7)
    context = (
        r"phone|telephone|\btel\b|\bcell|mobile|\bcall|\bfax|whatsapp|\btext (?:me|us)|\bdial|\bring\b|contact|hotline|"
        r"reach|sms|电话|電話|手机|手機|联系|聯絡|联络|致电|拨打|撥打|来电|传真|傳真|座机|热线|熱線|短信|微信|号码|號碼"
    )

    def __init__(self, settings: RecognizerSettings) -> None:
        regions = dict.fromkeys(SAME_AS.get(region, region) for region in settings.regions)
        patterns = dict.fromkeys(pattern for region in regions for pattern in NATIONAL.get(region, ()))
        self._patterns = [(Pattern(source), score) for source, score in patterns]
        self._others = [region for region in regions if region not in NATIONAL]

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """International numbers, then national ones."""
        data = text.data
        if b"+" in data or b"00" in data:
            yield from candidates(INTERNATIONAL, text, lambda match: _international(data, match))
        for pattern, score in self._patterns:
            yield from candidates(pattern, text, lambda match, score=score: _national(data, match, score))  # type: ignore[misc]
        for region in self._others:
            yield from candidates(ANY_REGION, text, lambda match, region=region: _of_region(data, match, region))  # type: ignore[misc]


def _national(data: bytes, match: Any, score: float) -> Candidate | None:
    start, end = match.span()
    if _continues(data, start, end):
        return None
    written = match.group()
    if score < 0.3 and (YEARS.search(written) is not None or DATE.search(written) is not None):
        return None
    return Candidate(start, end, score)


def _international(data: bytes, match: Any) -> Candidate | None:
    start, end = match.span()
    before = data[max(0, start - 2) : start]
    if before[-1:].isdigit() or (match.group()[:1] == b"0" and before[:1].isdigit() and before[1:] in b" .-"):
        return None  # the middle of a longer number
    written = match.group()
    if data[end : end + 1].isdigit():
        written = _shorter(written)
    prefix = 0.0 if written[:1] in b"+(" else 0.1  # two zeros begin other numbers too
    while written:  # what follows the number may look like a part of it
        score = _score(written.decode("ascii"), None)
        if score is not None:
            return Candidate(start, start + len(written), score - prefix)
        written = _shorter(written)
    return None


def _shorter(written: bytes) -> bytes:
    """Without the last group of digits; empty when too little would be left."""
    cut = max(written.rfind(sign) for sign in (b" ", b".", b"-", b"/", b"("))
    return b"" if cut < 8 else written[:cut].rstrip(b" .-/()")


def _of_region(data: bytes, match: Any, region: str) -> Candidate | None:
    start, end = match.span()
    if _continues(data, start, end):
        return None
    written = match.group().decode("ascii")
    score = _score(written, region)
    if score is None or score < 0.8:  # of a possible number that is not valid there is nothing to hold on to
        return None
    return Candidate(start, end, 0.65 if written[0] in "(0" or not written.isdigit() else 0.4)


def _score(written: str, region: str | None) -> float | None:
    """0.9 for a valid number, 0.65 for one of a possible length, None for anything else."""
    try:
        import phonenumbers
    except ImportError as error:
        raise MissingExtraError("finding phone numbers", "data") from error
    plain = written.replace("(+", "+").replace("+ ", "+")
    if region is None and plain.startswith("00"):
        plain = "+" + plain[2:].lstrip()
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return 0.9
    return 0.65 if phonenumbers.is_possible_number(number) else None


def _continues(data: bytes, start: int, end: int) -> bool:
    """Whether digits go on beyond the span, as in an order number or a decimal."""
    if touches(data, start, end):
        return True
    before, after = data[max(0, start - 2) : start], data[end : end + 2]
    joined = b"-./_=&"
    return (len(before) == 2 and before[1] in joined and before[:1].isalnum()) or (
        len(after) == 2 and after[0] in b"-./_=" and after[1:].isdigit()
    )
