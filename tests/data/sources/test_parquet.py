"""Parquet through pyarrow."""

from __future__ import annotations

import io
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.parquet import read_parquet
from seatrial.errors import DataError
from seatrial.spec.data import Place


def test_rows_over_several_batches_with_list_columns() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": [f"t{i}" for i in range(3000)], "ratings": [[1, -1]] * 3000}), file)
    file.seek(0)
    records = list(read_parquet(file, "f.parquet", Place(path="f"), 10))
    assert len(records) == 3000
    assert records[2999] == Record(3000, {"text": "t2999", "ratings": [1, -1]})


def test_a_file_that_is_not_parquet() -> None:
    with pytest.raises(DataError, match=r"f\.parquet: cannot be read as Parquet"):
        list(read_parquet(io.BytesIO(b"text,label\n"), "f.parquet", Place(path="f"), 10))


def written(**columns: list[object]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def varint(number: int) -> bytes:
    """A whole number as the footer has it: Thrift's compact protocol, zigzag."""
    number, parts = number << 1, bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes(parts) + bytes([number])


def with_footer(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    """The file with something else in its footer."""
    size = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - size : -8]
    assert old in footer
    footer = footer.replace(old, new, count)
    return content[: -8 - size] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


HONEST = written(text=[f"text {i}" for i in range(3000)], label=["a", "b", "c"] * 1000)
CLAIMED = pq.ParquetFile(io.BytesIO(HONEST)).metadata.row_group(0).total_byte_size


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HONEST[:-2000], "cannot be read as Parquet"),
        (HONEST[: len(HONEST) // 2] + HONEST[-8:], "cannot be read as Parquet"),
        (HONEST[:-8] + (1 << 30).to_bytes(4, "little") + b"PAR1", "cannot be read as Parquet"),
        (with_footer(HONEST, varint(3000), varint(3001), 1), "counts the rows in two ways"),
        (with_footer(HONEST, varint(3000), varint(3001)), "cannot be read as Parquet|says 3,001 rows"),
        (with_footer(HONEST, varint(CLAIMED), varint(1 << 45), 1), "claims to unpack to 35,184,372,088,832 bytes"),
        (b"", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_lies(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        list(read_parquet(io.BytesIO(content), "f.parquet", Place(path="f"), 1000))
    assert caught.value.where == "f.parquet"


def test_damage_anywhere_is_told_or_does_no_harm() -> None:
    for place in range(0, len(HONEST), len(HONEST) // 60):
        content = bytearray(HONEST)
        content[place] ^= 0xFF
        with suppress(DataError):
            list(read_parquet(io.BytesIO(bytes(content)), "f.parquet", Place(path="f"), 1000))


def test_too_many_columns_and_too_long_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    long, short = read_parquet(io.BytesIO(written(text=["x" * 20, "y"])), "f.parquet", Place(path="f"), 10)
    assert isinstance(long, BadRecord)
    assert isinstance(short, Record)
    monkeypatch.setattr("seatrial.data.sources.parquet.MAX_COLUMNS", 1)
    with pytest.raises(DataError, match="has 2 columns"):
        list(read_parquet(io.BytesIO(HONEST), "f.parquet", Place(path="f"), 10))
