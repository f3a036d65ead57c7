"""An HTML file → its main text, through trafilatura: no menus, no footers, no scripts. Nothing is fetched."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.documents import MAX_DOCUMENT_BYTES, decoded, located, whole
from seatrial.errors import MissingExtraError
from seatrial.spec.data import Place

__all__ = ["read_html"]

DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)|<\?xml[^>]{0,200}encoding=[\"']([A-Za-z0-9_.-]+)", re.IGNORECASE)  # fmt: skip  # noqa: E501
HEAD_BYTES = 4096
MAX_HTML_BYTES = MAX_DOCUMENT_BYTES >> 4
"""A parsed page takes about ten times its bytes in memory."""


def read_html(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per file: columns `text`, `title`, `path` and `folder`; a `Reader`.

    The encoding is that of a byte order mark, else the one the project file gives, else the one the page declares,
    else UTF-8.
    """
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("reading HTML", "data") from error
    content = whole(stream, MAX_HTML_BYTES)
    if isinstance(content, BadRecord):
        yield BadRecord(1, content.reason, content.text, "take the text out of it with another program")
        return
    page = decoded(content, place.encoding if "encoding" in place.model_fields_set else _declared(content))
    if isinstance(page, BadRecord):
        yield page
        return
    tree = trafilatura.load_html(page) if page.strip() else None
    if tree is None:
        yield BadRecord(1, "no HTML", page[:200])
        return
    title = " ".join(str(tree.findtext(".//title") or "").split()) or None  # extract() takes the tree apart
    text = trafilatura.extract(tree, include_comments=False) or ""
    if len(text.encode("utf-8", errors="replace")) > max_row_bytes:
        yield BadRecord(1, f"longer than {max_row_bytes:,} bytes", text[:200], "raise data.max_row_bytes")
    elif not text.strip():
        yield BadRecord(1, "HTML without main text", title or page[:200])
    else:
        yield located(text, name, title=title)


def _declared(content: bytes) -> str:
    """What the page says that it is written in, where Python knows such an encoding."""
    found = DECLARED.search(content[:HEAD_BYTES])
    if found is None:
        return "utf-8"
    name = (found[1] or found[2]).decode("ascii").lower()
    name = {"iso-8859-1": "cp1252", "latin1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)
    try:  # the names above: browsers read the wider encoding, too, and pages are written for browsers
        codec = codecs.lookup(name)
        "a".encode(codec.name)
    except LookupError:
        return "utf-8"
    return "utf-8" if codec.name.startswith("utf-16") else codec.name  # what holds ASCII tags is no UTF-16
