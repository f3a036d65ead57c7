"""Web addresses removed from a text."""

from __future__ import annotations

import re

__all__ = ["strip_urls"]

URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
CLOSING = ".,;:!?)]}'"


def strip_urls(text: str) -> str:
    """Without addresses that begin with http://, https:// or www.; punctuation after an address stays."""
    return URL.sub(lambda match: match[0][len(match[0].rstrip(CLOSING)) :], text)
