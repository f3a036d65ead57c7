"""HTML and XML tags out of texts that hold some; scripts, styles and comments go with what is in them.

Looks only at tags, so a text with `a < b` stays as it is. For whole pages with menus and footers see `page`.
"""

from __future__ import annotations

import re

from seatrial.data.clean.base import CleanStep
from seatrial.data.clean.html import unescape_html

__all__ = ["StripTags"]

# `<` is never inside, so each scan ends at the next one: the time grows with the text, whatever is in it.
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)(?:[\s/](?:[^<>\"']|\"[^<\"]*+\"|'[^<']*+')*+)?>|<[!?][^<>]*>")
WITH_CONTENT = ("script", "style", "noscript", "template", "svg", "math", "iframe", "object")
CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in WITH_CONTENT}
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"),
        *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre"),
        *("section", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
    )
)


class StripTags(CleanStep):
    """Takes HTML and XML tags out of texts."""

    unescape: bool = True
    """Whether character references such as `&amp;` become characters afterwards, where there was a tag."""

    def __call__(self, text: str) -> str:
        """The text without tags; tags that begin a line on a page leave a line break."""
        if "<" not in text or ">" not in text:
            return text
        without = _without_tags(_without_comments(text))
        return unescape_html(without) if self.unescape and without != text else without


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]]) if parts else text


def _without_tags(text: str) -> str:
    parts: list[str] = []
    at = 0
    never_closed: set[str] = set()  # a search for what is not there goes to the end, and is made once
    for tag in TAG.finditer(text):
        if tag.start() < at:
            continue
        parts.append(text[at : tag.start()])
        at = tag.end()
        name = (tag[1] or "").lower()
        if name in BLOCKS:
            parts.append("\n")
        if name in CLOSING and text[tag.start() + 1] != "/" and name not in never_closed:
            closing = CLOSING[name].search(text, at)
            if closing is None:
                never_closed.add(name)
            else:
                at = closing.end()
    return "".join([*parts, text[at:]])
