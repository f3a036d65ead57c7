"""A source of the project file → its rows, one at a time, each readable or named as bad.

`read.read_rows` is the one entrance. A file format is one file here and one line in `FORMATS`; where a file lies
(`files`, `package`, `archive`), how it is packed (`unpack`) and what is joined to it (`join`) is none of a format's
business. A database is asked by `sql/`.
"""

from __future__ import annotations

from seatrial.data.sources.base import Reader
from seatrial.registry import Registry

__all__ = ["BINARY", "DOCUMENTS", "ENDINGS", "FORMATS"]

FORMATS: Registry[Reader] = Registry(
    "data format",
    "seatrial.formats",
    {
        "conll": "seatrial.data.sources.conll:read_conll",
        "csv": "seatrial.data.sources.delimited:read_csv",
        "html": "seatrial.data.sources.html:read_html",
        "tsv": "seatrial.data.sources.delimited:read_tsv",
        "jsonl": "seatrial.data.sources.jsonl:read_jsonl",
        "markdown": "seatrial.data.sources.documents:read_markdown",
        "parquet": "seatrial.data.sources.parquet:read_parquet",
        "pdf": "seatrial.data.sources.pdf:read_pdf",
        "pdf-pages": "seatrial.data.sources.pdf:read_pdf_pages",
        "tagged-words": "seatrial.data.sources.conll:read_tagged_words",
        "text": "seatrial.data.sources.text:read_text",
        "text-file": "seatrial.data.sources.documents:read_text_file",
    },
)

ENDINGS = {
    ".conll": "conll",
    ".conllu": "conll",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
}
"""The format that a file's ending stands for when the project file names none."""

DOCUMENTS = {
    "text-file": (".txt", ".text"),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm", ".xhtml"),
    "pdf": (".pdf",),
    "pdf-pages": (".pdf",),
}
"""Formats that read a whole file as one example or page by page, and the endings of theirs in a folder."""

BINARY = frozenset({"parquet", "pdf", "pdf-pages"})
"""Formats whose files are no text, so that `encoding` means nothing."""
