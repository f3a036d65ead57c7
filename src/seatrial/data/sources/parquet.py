"""Parquet, through pyarrow, one batch of rows in memory at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.data.sources.base import BadRecord, Record
from seatrial.errors import DataError, MissingExtraError
from seatrial.spec.data import Place

__all__ = ["read_parquet"]

BATCH_ROWS = 1024


def read_parquet(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:  # noqa: ARG001
    """One record per row; a `Reader`. Encoding, header and line length mean nothing here."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "train") from error
    try:
        file = parquet.ParquetFile(stream if stream.seekable() else io.BytesIO(stream.read()))
        line = 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            for values in batch.to_pylist():
                line += 1
                yield Record(line, values)
    except pyarrow.ArrowException as error:
        raise DataError(f"cannot be read as Parquet: {error}", where=name, hint="write the file again") from error
