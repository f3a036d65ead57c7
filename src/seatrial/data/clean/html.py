"""HTML character references become the characters they stand for. Tags are left alone: they may be the text's point."""

from __future__ import annotations

import html
import re

__all__ = ["unescape_html"]

# The standard library turns the digits into a number, and Python refuses to read numbers of thousands of digits.
OVERLONG = re.compile(r"&#(?:[0-9]{12,}|[xX][0-9a-fA-F]{12,});?")


def unescape_html(text: str) -> str:
    """`&amp;` → `&`; twice over, because scraped text is often escaped twice (`&amp;quot;`)."""
    return _unescaped(_unescaped(text)) if "&" in text else text


def _unescaped(text: str) -> str:
    return html.unescape(OVERLONG.sub("\ufffd", text))
