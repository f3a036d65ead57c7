"""Web addresses: with a scheme, with `www.`, and hosts under well-known top-level domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["Url"]

TOP_LEVEL = (
    "com|org|net|edu|gov|mil|int|info|biz|name|io|ai|app|dev|me|co|tv|cc|ly|gl|gd|be|us|uk|ca|au|nz|ie|de|at|ch|fr|es|"
    "it|nl|pl|se|no|dk|fi|ru|br|mx|in|jp|kr|cn|tw|hk|mo|sg|eu|top|xyz|site|online|shop|club|vip"
)
REST = r"[/?#][!#-;=?-_a-z|~]*"  # printable ASCII without quotes, angle brackets, backquote and braces
SCHEME = Pattern(
    r"(?i)\b(?:https?|ftps?|sftp|ssh|wss?|git)://"
    rf"(?:[!#-.0-;=@-Z_a-z~]+|[\p{{L}}\p{{N}}.-]*\.[\p{{L}}\p{{N}}-]+(?::[0-9]+)?)(?:{REST})?"
)
BARE = Pattern(
    rf"(?i)\b(?:www\.(?:[0-9a-z-]+\.)+[a-z]{{2,24}}|(?:[0-9a-z][0-9a-z-]*\.)+(?:{TOP_LEVEL}))(?::[0-9]{{2,5}})?\b"
    rf"(?:{REST})?"
)
CLOSING = b".,;:!?'*_~-"
BRACKETS = {b")": b"(", b"]": b"["}


class Url:
    """Punctuation that ends the sentence, or closes a bracket from before the address, is not part of it."""

    entity = "url"
    languages: tuple[str, ...] = ()
    gate = Gate(any_of=(b".", b"://"))
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # addresses are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Addresses with a scheme, then hosts without one."""
        data = text.data

        def bare(match: Any) -> Candidate | None:
            start, end = match.span()
            if start and data[start - 1] in b"@.-_/":  # of an e-mail address, or of a URL with a scheme
                return None
            if end < len(data) and data[end] in b"@":
                return None
            end = _trimmed(data, start, end)
            value = data[start:end]
            sure = value[:4].lower() == b"www." or b"/" in value
            if not sure and value.rpartition(b".")[2].lower() != value.rpartition(b".")[2]:
                return None  # "Yes.No": a sentence without its space
            return Candidate(start, end, 0.8 if sure else 0.6)

        if b"://" in data:
            yield from candidates(
                SCHEME, text, lambda m: Candidate(m.start(), _trimmed(data, m.start(), m.end()), 0.95)
            )
        yield from candidates(BARE, text, bare)


def _trimmed(data: bytes, start: int, end: int) -> int:
    """Where an address ends without what closes the sentence around it."""
    while end > start:
        last = data[end - 1 : end]
        opening = BRACKETS.get(last)
        if opening is not None:
            if data.count(last, start, end) <= data.count(opening, start, end):
                break
        elif last not in CLOSING:
            break
        end -= 1
    return end
