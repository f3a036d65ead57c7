"""A source of the project file → its rows, one at a time, each readable or named as bad.

`read.read_rows` is the one entrance. A file format is one file here and one line in `FORMATS`; where a file lies
(`files`, `package`, `archive`) and what is joined to it (`join`) is none of a format's business.
"""

from __future__ import annotations

from seatrial.data.sources.base import Reader
from seatrial.registry import Registry

__all__ = ["ENDINGS", "FORMATS"]

FORMATS: Registry[Reader] = Registry(
    "data format",
    "seatrial.formats",
    {
        "csv": "seatrial.data.sources.delimited:read_csv",
        "tsv": "seatrial.data.sources.delimited:read_tsv",
        "jsonl": "seatrial.data.sources.jsonl:read_jsonl",
        "parquet": "seatrial.data.sources.parquet:read_parquet",
        "text": "seatrial.data.sources.text:read_text",
    },
)

ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "text",
}
"""The format that a file's ending stands for when the project file names none."""
