"""Plain text: one example per line, in a column called `text`. Where its label comes from is `add`'s business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.lines import text_lines
from seatrial.spec.data import Place

__all__ = ["read_text"]


def read_text(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:
    """One record per line that is not blank; a `Reader`."""
    for line in text_lines(stream, name, place.encoding, max_row_bytes):
        if isinstance(line, BadRecord):
            yield line
        elif line[1].strip():
            yield Record(line[0], {"text": line[1]})
