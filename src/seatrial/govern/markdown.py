"""Markdown that users' texts cannot break: escaped inline text and tables. Refuses to know what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.govern.figures import printable

__all__ = ["code", "escape", "table"]

SPECIAL = re.compile(r"([\\`*\[\]|~$]|(?<!\w)_|_(?!\w))")  # an underscore inside a word is only itself
LEADING = re.compile(r"^([#+=-](?=[#+=\s-]|$)|\d+(?=[.)](?:\s|$)))")  # would begin a heading, a list or a rule


def escape(text: object) -> str:
    """Any text as one line of plain Markdown: no markup, no HTML, no cell or line breaks."""
    line = " ".join(printable(text).split())
    safe = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return LEADING.sub(_lead, SPECIAL.sub(r"\\\1", safe))


def code(text: object) -> str:
    """Any text as inline code; backticks in it become quotation marks, because a longer fence would only hide them."""
    return "`" + " ".join(printable(text).split()).replace("`", "'") + "`"


def _lead(found: re.Match[str]) -> str:
    mark = found[0]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; the first column is aligned left, the others right. Cells are escaped here, so hand over plain text."""
    lines = [header, ["---", *("---:" for _ in header[1:])]]
    text = [" | ".join(line) for line in lines]
    text += [" | ".join(map(escape, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in text)
