"""Parquet, through pyarrow, one page of a column and one batch of rows in memory at a time.

A file's footer says how large everything is, and a reader makes room for what it says. So the footer is held against
the file before anything is read: what cannot be true, or is out of all proportion, stops there.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from seatrial.data.sources.base import MAX_COLUMNS, BadRecord, Record
from seatrial.errors import DataError, MissingExtraError
from seatrial.spec.data import Place

__all__ = ["read_parquet"]

BATCH_ROWS = 1024
BUFFER_BYTES = 1 << 20
MAX_RATIO = 1000
"""A column of equal values packs to far less than its size, so only what is large as well counts as a bomb."""
FREE_BYTES = 1 << 28


def read_parquet(stream: BinaryIO, name: str, place: Place, max_row_bytes: int) -> Iterator[Record | BadRecord]:  # noqa: ARG001
    """One record per row; a `Reader`. Encoding and header mean nothing here; a row with longer texts than
    `max_row_bytes` is a bad record.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "data") from error
    line = 0
    try:
        with _seekable(stream) as (file, size):
            # Without its own read-ahead, which would hold whole row groups in memory.
            opened = parquet.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER_BYTES)
            _refuse_lies(opened.metadata, size, name)
            for batch in opened.iter_batches(batch_size=BATCH_ROWS):
                for values in batch.to_pylist():
                    line += 1
                    yield _record(line, values, max_row_bytes)
            claimed = opened.metadata.num_rows
    except MemoryError as error:  # also pyarrow's own kind, which is raised before the room is taken
        raise _broken("a part of it claims to be larger than memory", name) from error
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise _broken(f"after row {line:,}: {' '.join(str(error).split())[:300]}", name) from error
    if line != claimed:
        raise _broken(f"its footer says {claimed:,} rows, and it holds {line:,}", name)


def _refuse_lies(metadata: Any, size: int, name: str) -> None:
    """Hold the footer against the file."""
    if metadata.num_columns > MAX_COLUMNS:
        raise DataError(
            f"has {metadata.num_columns:,} columns",
            where=name,
            expected=f"at most {MAX_COLUMNS:,}",
            hint="write the columns that you need",
        )
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    counts = [group.num_rows for group in groups]
    if min(counts, default=0) < 0 or sum(counts) != metadata.num_rows:
        raise _broken("its footer counts the rows in two ways that differ", name)
    # What single columns say is not asked for: pyarrow ends the process over some damage there (26.0).
    for group in groups:
        unpacked = group.total_byte_size
        if unpacked < 0:
            raise _broken("its footer gives sizes that cannot be", name)
        if unpacked > FREE_BYTES and unpacked > MAX_RATIO * size:
            raise DataError(
                f"a group of rows claims to unpack to {unpacked:,} bytes, from a file of {size:,}",
                where=name,
                expected=f"no more than {MAX_RATIO} times the file",
                hint="it looks like a decompression bomb; write the file again if you trust it",
            )


def _record(line: int, values: dict[str, Any], max_row_bytes: int) -> Record | BadRecord:
    size = sum(len(value) for value in values.values() if isinstance(value, (str, bytes)))
    if size <= max_row_bytes:
        return Record(line, values)
    shown = ", ".join(str(value)[:60] for value in list(values.values())[:5])
    return BadRecord(line, f"longer than {max_row_bytes:,} bytes", shown[:200], "raise data.max_row_bytes")


def _broken(reason: str, name: str) -> DataError:
    return DataError(f"cannot be read as Parquet: {reason}", where=name, hint="write the file again")


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its size. A packed one is unpacked to a temporary file first: its footer is read before the rest."""
    if stream.seekable():
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        yield stream, size
        return
    with tempfile.TemporaryFile() as unpacked:
        while piece := stream.read(BUFFER_BYTES):
            unpacked.write(piece)
        unpacked.flush()
        size = os.fstat(unpacked.fileno()).st_size
        unpacked.seek(0)
        yield unpacked, size
