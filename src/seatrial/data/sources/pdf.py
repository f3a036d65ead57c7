"""A PDF file → its text, through pypdf: one example per file, or one per page. Pictures of text are not read."""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.documents import MAX_DOCUMENT_BYTES, located, whole
from seatrial.errors import MissingExtraError
from seatrial.spec.data import Place

__all__ = ["read_pdf", "read_pdf_pages"]

MAX_PAGES = 20_000
SCANNED = "a scan holds pictures of text: read it with a program for that (OCR) first"


def read_pdf(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:  # noqa: ARG001
    """One record per file: columns `text` (pages parted by an empty line), `pages`, `path` and `folder`; a `Reader`."""
    pages = []
    for page in _pages(stream):
        if isinstance(page, BadRecord):  # a text with a page missing is no longer what the file says
            yield page
            return
        pages.append(page.strip())
    yield _bounded(located("\n\n".join(filter(None, pages)), name, pages=len(pages)), max_row_bytes)


def read_pdf_pages(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:  # noqa: ARG001
    """One record per page: columns `text`, `page` (from 1), `path` and `folder`; a `Reader`."""
    for number, page in enumerate(_pages(stream), start=1):
        found = page if isinstance(page, BadRecord) else _bounded(located(page, name, page=number), max_row_bytes)
        if isinstance(found, BadRecord):
            yield BadRecord(number, found.reason, found.text, found.hint)
        else:
            yield Record(number, found.values)


def _bounded(record: Record | BadRecord, max_row_bytes: int) -> Record | BadRecord:
    if isinstance(record, BadRecord):
        return BadRecord(record.line, "a PDF without text", record.text, SCANNED)
    text = record.values["text"]
    if len(text.encode("utf-8", errors="replace")) > max_row_bytes:
        hint = "raise data.max_row_bytes, or set format: pdf-pages"
        return BadRecord(record.line, f"longer than {max_row_bytes:,} bytes", text[:200], hint)
    return record


def _pages(stream: BinaryIO) -> Iterator[str | BadRecord]:
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise MissingExtraError("reading PDF", "data") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs each flaw that it mends
    content = whole(stream, MAX_DOCUMENT_BYTES)
    if isinstance(content, BadRecord):
        yield BadRecord(1, content.reason, "", "split it into smaller files")
        return
    # In a damaged file anything may stand in place of anything: pypdf passes on what Python says then.
    flaws = (PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
             OSError, zlib.error, NotImplementedError, AssertionError)  # fmt: skip
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):  # many open without a password and only forbid printing
            yield BadRecord(1, "an encrypted PDF", "", "save it without a password")
            return
        count = len(reader.pages)
    except flaws as error:
        yield _damaged(1, error)
        return
    if count > MAX_PAGES:
        yield BadRecord(1, f"a PDF with more than {MAX_PAGES:,} pages", "", "split it into smaller files")
        return
    for index in range(count):
        try:
            yield _without_surrogates(reader.pages[index].extract_text())
        except flaws as error:
            yield _damaged(index + 1, error)


def _without_surrogates(text: str) -> str:
    """Half characters, from fonts with a wrong table, become the sign for what cannot be read."""
    return text.encode("utf-8", errors="replace").decode() if not text.isascii() else text


def _damaged(line: int, error: Exception) -> Any:
    first = (str(error).splitlines() or [""])[0]
    return BadRecord(line, "not a readable PDF", f"{type(error).__name__}: {first}"[:200], "save the file again")
