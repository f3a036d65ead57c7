"""A whole file as one example: plain text, and Markdown without its front matter.

Columns: `text`; `path`, as messages name the file; `folder`, the name of the folder that it lies in, which often is the
label. A file that cannot be used is a bad record, so that one of thousands does not stop the others.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.spec.data import Place

__all__ = ["MAX_DOCUMENT_BYTES", "decoded", "located", "read_markdown", "read_text_file", "whole"]

MAX_DOCUMENT_BYTES = 1 << 28
"""A whole document is held in memory while its text is taken out."""
MAX_FRONT_MATTER = 1 << 16
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""Byte order marks; that of UTF-32 begins like that of UTF-16, so it comes first."""


def read_text_file(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record: the whole file; a `Reader`."""
    content = whole(stream, max_row_bytes)
    text = content if isinstance(content, BadRecord) else decoded(content, place.encoding)
    yield text if isinstance(text, BadRecord) else located(text, name)


def read_markdown(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record: the file as it is written, but for its front matter, whose plain values become columns; a `Reader`.

    `title` is that of the front matter, or else the first heading of the first level.
    """
    content = whole(stream, max_row_bytes)
    text = content if isinstance(content, BadRecord) else decoded(content, place.encoding)
    if isinstance(text, BadRecord):
        yield text
        return
    found = FRONT_MATTER.match(text)
    if found is None:
        yield located(text, name, title=_heading(text))
        return
    columns = _front_matter(found["yaml"])
    if isinstance(columns, BadRecord):
        yield columns
        return
    body = text[found.end() :].lstrip("\r\n")
    yield located(body, name, **{"title": _heading(body), **columns})


def whole(stream: BinaryIO, max_bytes: int) -> bytes | BadRecord:
    """All bytes of a file, or why not."""
    content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        shown = content[:200].decode("utf-8", errors="replace")
        return BadRecord(1, f"a document of more than {max_bytes:,} bytes", shown, "raise data.max_row_bytes")
    return content


def decoded(content: bytes, encoding: str) -> str | BadRecord:
    """The text of a document; a byte order mark decides, and is removed."""
    encoding = next((name for mark, name in WIDE if content.startswith(mark)), encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        shown = f"byte 0x{content[error.start]:02x} at offset {error.start}"
        line = content.count(b"\n", 0, error.start) + 1
        return BadRecord(line, f"not {encoding}", shown, "if that is not its encoding, set encoding, or encoding: auto")
    if "\0" in text:
        return BadRecord(text.count("\n", 0, text.index("\0")) + 1, "holds NUL characters", "", NUL_HINT)
    return text


def located(text: str, name: str, **columns: Any) -> Record | BadRecord:
    """The record of a document with a text, or the word that it has none."""
    if not text.strip():
        return BadRecord(1, "a document without text", name)
    path = PurePath(name)
    return Record(1, {**columns, "text": text, "path": path.as_posix(), "folder": path.parent.name})


NUL_HINT = "the file is damaged, or of another kind, or in UTF-16: then set encoding: utf-16"


def _heading(text: str) -> str | None:
    found = HEADING.search(text)
    return found[1] if found else None


def _front_matter(text: str) -> Mapping[str, Any] | BadRecord:
    """The plain values at the top level; nested ones are left out, since a column holds one value."""
    import yaml

    if len(text) > MAX_FRONT_MATTER:
        return BadRecord(1, "its front matter is very long", text[:200])
    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return BadRecord(1, "its front matter is not YAML", text[:200], "correct it, or set format: text-file")
    if not isinstance(values, dict):  # two rules with text between them are no front matter, but are seldom meant
        return {} if values is None else BadRecord(1, "its front matter is no mapping", text[:200])
    return {str(key): value for key, value in ((k, _plain(v)) for k, v in values.items()) if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else None
