"""HTML character references become the characters they stand for. Tags are left alone: they may be the text's point."""

from __future__ import annotations

import html

__all__ = ["unescape_html"]


def unescape_html(text: str) -> str:
    """`&amp;` → `&`; twice over, because scraped text is often escaped twice (`&amp;quot;`)."""
    return html.unescape(html.unescape(text)) if "&" in text else text
