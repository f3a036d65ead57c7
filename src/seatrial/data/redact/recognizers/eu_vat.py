"""VAT numbers of the European Union: a country code, then what that country's own check allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates
from seatrial.errors import MissingExtraError

__all__ = ["EuVat"]

NUMBER = Pattern(
    r"\b(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[ -]?[0-9A-Z]"
    r"(?:[ .-]?[0-9A-Z]){7,11}\b"
)
LEAST_DIGITS = 7
SEPARATORS = b" .-"


class EuVat:
    """What follows a number in capitals or digits may look like a part of it; shorter readings are tried too."""

    entity = "eu-vat"
    languages: tuple[str, ...] = ()
    gate = Gate(digits=LEAST_DIGITS, capital=True)
    context = r"\bvat\b|\bust|\btva\b|\biva\b|\bbtw\b|\bmwst|tax|税号|稅號|增值税|增值稅"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # numbers carry their country

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Numbers that their country's check allows."""
        yield from candidates(NUMBER, text, _checked)


def _checked(match: Any) -> Candidate | None:
    try:
        from stdnum.eu import vat
    except ImportError as error:
        raise MissingExtraError("finding VAT numbers", "data") from error
    written = match.group()
    while len(written) >= LEAST_DIGITS + 2:
        digits = len(written) - len(written.translate(None, b"0123456789"))
        if digits >= LEAST_DIGITS and vat.is_valid(written.decode("ascii")):
            return Candidate(match.start(), match.start() + len(written), 0.7)
        cut = max(written.rfind(bytes([sign])) for sign in SEPARATORS)
        if cut < 0:
            return None
        written = written[:cut]
    return None
