"""JSON Lines: one JSON object per line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.lines import text_lines
from seatrial.spec.data import Place

__all__ = ["read_jsonl"]

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_jsonl(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per line that is not blank; a `Reader`."""
    for line in text_lines(stream, name, place.encoding, max_row_bytes):
        if isinstance(line, BadRecord):
            yield line
            continue
        number, text = line
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):  # too deep a nesting is the row's fault, too
            yield BadRecord(number, "not JSON", text[:200], "write one JSON object per line")
            continue
        if not isinstance(values, dict):
            yield BadRecord(number, "not a JSON object", text[:200], "write one JSON object per line")
        elif SURROGATE.search(text) and not _encodes(values):
            yield BadRecord(number, "half a surrogate pair, which is no character", text[:200])
        else:
            yield Record(number, values)


def _encodes(values: dict[str, Any]) -> bool:
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
