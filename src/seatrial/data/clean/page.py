"""The main text of a whole HTML page, without menus, footers and advertisements, by trafilatura."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pydantic import Field

from seatrial.data.clean.base import CleanStep, Refusal
from seatrial.errors import MissingExtraError

__all__ = ["MainText"]

PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
LOOKED_AT = 4096
"""Characters at the start of a text in which a page shows that it is one."""


class MainText(CleanStep):
    """Takes the main text out of texts that are HTML pages; other texts stay as they are."""

    max_chars: int = Field(default=1_000_000, gt=0)
    """A longer page is refused: a parsed page takes about ten times its size in memory."""
    comments: bool = False
    """Whether comments of readers below the text belong to it."""
    tables: bool = True
    """Whether tables belong to it."""

    def __call__(self, text: str) -> str | Refusal:
        """The main text, or a refusal where a page has none."""
        if PAGE.search(text[:LOOKED_AT]) is None:
            return text
        if len(text) > self.max_chars:
            return Refusal(f"page longer than {self.max_chars:,} characters")
        trafilatura = _trafilatura()
        tree = trafilatura.load_html(text)
        found = None
        if tree is not None:
            found = trafilatura.extract(tree, include_comments=self.comments, include_tables=self.tables)
        return found or Refusal("page without main text")


@lru_cache(maxsize=1)
def _trafilatura() -> Any:
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("the main text of pages", "data") from error
    return trafilatura
