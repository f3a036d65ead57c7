"""IP addresses, version 4 and 6, with or without a port or prefix length."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches

__all__ = ["IpAddress"]

V4 = Pattern(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b")
V6 = Pattern(r"(?i)(?:[0-9a-f]{0,4}:){2,7}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f]{0,4})")
VERSION = Pattern(r"(?i)(?:\bv|ver\.?|version|release|section|chapter|版本|版|第) ?$")
HEXADECIMAL = b"0123456789abcdefABCDEF:"


class IpAddress:
    """Four numbers that follow a word for a version are none; six groups of hexadecimal digits may be a MAC address."""

    entity = "ip"
    languages: tuple[str, ...] = ()
    gate = Gate(any_of=(b".", b":"))
    context = r"\bip\b|ipv[46]|\bhost|server|address|地址|主机|服务器|伺服器"

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # addresses are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Version 4, then version 6."""
        data = text.data

        def v4(match: Any) -> Candidate | None:
            start, end = match.span()
            if touches(data, start, end, b"-_") or data[max(0, start - 1) : start] == b".":
                return None
            if data[end : end + 1] == b"." and data[end + 1 : end + 2].isdigit():
                return None
            if any(int(part) > 255 for part in match.group().split(b".")):
                return None
            version = VERSION.search(data[max(0, start - 12) : start]) is not None
            return Candidate(start, end, 0.3 if version else 0.7)

        def v6(match: Any) -> Candidate | None:
            start, end = match.span()
            if touches(data, start, end, HEXADECIMAL) or not any(digit in match.group() for digit in b"0123456789"):
                return None
            try:
                ipaddress.IPv6Address(match.group().decode("ascii"))
            except ValueError:
                return None
            return Candidate(start, end, 0.85)

        if text.digits >= 4 and data.count(b".") >= 3:
            yield from candidates(V4, text, v4)
        if data.count(b":") >= 2:
            yield from candidates(V6, text, v6)
