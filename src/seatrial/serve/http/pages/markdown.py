"""The part of Markdown that model cards use, as HTML: headings, paragraphs, lists, tables, code, bold, links.

Every text is escaped before anything else happens, so a card cannot bring markup or scripts; what is not understood
is shown as it was written. Refuses to know: pages and styles.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby

__all__ = ["render"]

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
HEADING = re.compile(r"(#{1,6})\s+(.*)")
BULLET = re.compile(r"\s*[-*]\s+(.*)")
RULE_ROW = re.compile(r"\|?[\s:|-]+\|?")
CELL_BORDER = re.compile(r"(?<!\\)\|")
CODE_SPAN = re.compile(r"(`[^`]+`)")
BOLD = re.compile(r"\*\*(.+?)\*\*")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~$=])")
LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+|#[^)\s]*|/(?!/)[^)\s]*)\)")


def render(text: str) -> str:
    """`text` as a sequence of HTML blocks; the YAML front matter is left out."""
    body = FRONT_MATTER.sub("", text.replace("\r\n", "\n"))
    return "\n".join(_block(kind, lines) for kind, lines in _blocks(body.split("\n")) if kind != "blank")


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Neighbouring lines of one kind, with the kind."""
    fenced = False

    def kind(line: str) -> str:
        nonlocal fenced
        if line.startswith("```"):
            fenced = not fenced
            return "code"
        if fenced:
            return "code"
        if not line.strip():
            return "blank"
        if HEADING.fullmatch(line):
            return "heading"
        if line.startswith("|"):
            return "table"
        return "list" if BULLET.fullmatch(line) else "paragraph"

    for name, group in groupby(lines, kind):
        yield name, list(group)


def _block(kind: str, lines: list[str]) -> str:
    if kind == "code":
        return f"<pre>{html.escape(chr(10).join(line for line in lines if not line.startswith('```')))}</pre>"
    if kind == "heading":
        return "".join(_heading(line) for line in lines)
    if kind == "table":
        return _table(lines)
    if kind == "list":
        items = (BULLET.fullmatch(line) for line in lines)
        return "<ul>" + "".join(f"<li>{_inline(item[1])}</li>" for item in items if item) + "</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _heading(line: str) -> str:
    found = HEADING.fullmatch(line)
    assert found is not None
    level = len(found[1])
    return f"<h{level}>{_inline(found[2])}</h{level}>"


def _table(lines: list[str]) -> str:
    head, *rows = [_cells(line) for line in lines if not RULE_ROW.fullmatch(line)] or [[]]
    header = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [_inline(cell.strip().replace("\\|", "|")) for cell in CELL_BORDER.split(inner)]


def _inline(text: str) -> str:
    """Code, bold and links inside a line. Only http(s) addresses and places on this site become links."""
    # Cards write < as &lt; and * as \\*: both become plain text here, in a form that no later rule takes for markup.
    plain = html.escape(html.unescape(text))
    parts = CODE_SPAN.split(ESCAPED.sub(_as_entity, plain))  # every second part is a code span
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = f"<code>{part[1:-1]}</code>"
        else:
            parts[i] = LINK.sub(r'<a href="\2" rel="noreferrer">\1</a>', BOLD.sub(r"<b>\1</b>", part))
    return "".join(parts)


def _as_entity(found: re.Match[str]) -> str:
    """A character behind a backslash, as a numeric entity."""
    return f"&#{ord(found[1])};"
