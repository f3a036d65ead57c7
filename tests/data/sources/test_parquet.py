"""Parquet through pyarrow."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seatrial.data.sources.base import Record
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
