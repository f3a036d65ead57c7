"""Web addresses removed from a text, or replaced by a word."""

from __future__ import annotations

import re

from seatrial.data.clean.base import Changed, CleanStep

__all__ = ["StripUrls"]

URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
CLOSING = ".,;:!?)]}'"


class StripUrls(CleanStep):
    """Takes addresses that begin with http://, https:// or www. out; punctuation after an address stays."""

    replacement: str = ""
    """What stands in their place, such as `URL`."""

    def __call__(self, text: str) -> str | Changed:
        """The text without addresses, and how many there were."""
        cleaned, count = URL.subn(lambda match: self.replacement + match[0][len(match[0].rstrip(CLOSING)) :], text)
        return Changed(cleaned, {"address": count}) if count else text
