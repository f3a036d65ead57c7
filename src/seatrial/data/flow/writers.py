"""Rows → a CSV, TSV, JSONL or Parquet file, perhaps packed, that is there whole or not at all.

A cell of CSV or TSV that a spreadsheet would take for a formula is counted, and made harmless where that is asked for:
what people open needs it, and what a program reads on would be changed by it. Source: OWASP, *CSV Injection*.
Refuses to know where rows come from.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any, Literal, Protocol

from seatrial.artifact.atomic import atomic_file
from seatrial.errors import DataError, MissingExtraError, SpecError

__all__ = ["Formulas", "TableWriter", "open_writer", "writable_format"]

Formulas = Literal["escape", "keep"]

PACKED: dict[str, Callable[..., IO[str]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
"""Files of text hold numbers as text, too; a spreadsheet shows them and runs nothing."""
PARQUET_ROWS = 10_000
"""Rows per group of a Parquet file; the first group decides the types of the columns."""


class TableWriter(Protocol):
    """Takes rows in order.

    Attributes:
        formulas: how many cells a spreadsheet would run, so far; of JSONL and Parquet it would run none.
        escaped: how many of them were made harmless: all or none.
    """

    formulas: int
    escaped: int

    def write(self, values: Mapping[str, Any]) -> None:
        """Add a row.

        Raises:
            DataError: the row does not fit the file.
        """


def writable_format(path: Path) -> str:
    """``"csv"``, ``"tsv"``, ``"jsonl"`` or ``"parquet"``, by the file's ending.

    Raises:
        SpecError: another ending.
    """
    kinds = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
    packing = PurePath(path.name.lower()).suffix
    name = path.name.lower().removesuffix(packing) if packing in PACKED else path.name.lower()
    found = kinds.get(PurePath(name).suffix)
    if found is None or (found == "parquet" and packing in PACKED):
        raise SpecError(
            f"the ending of {path.name} does not tell a format to write",
            where="--out",
            expected="a name that ends in .csv, .tsv, .jsonl or .parquet; the first three may be packed (.gz)",
            hint="write .jsonl, which keeps every row as it is",
        )
    return found


@contextmanager
def open_writer(path: Path, *, formulas: Formulas = "escape", mode: int = 0o666) -> Iterator[TableWriter]:
    """A writer whose file appears when the block ends well; an existing file stays until then.

    Args:
        path: the ending tells the format and the packing.
        formulas: ``"escape"`` puts a ' before a cell of CSV or TSV that a spreadsheet would run, ``"keep"`` leaves it.
        mode: the widest permissions of the file, as in `atomic_file`.

    Raises:
        SpecError: an ending that cannot be written.
        ArtifactError: no space or no permission.
    """
    kind = writable_format(path)
    with atomic_file(path, mode=mode) as temporary:
        if kind == "parquet":
            with _ParquetWriter(temporary, path.name) as parquet:
                yield parquet
            return
        unpack = PACKED.get(PurePath(path.name.lower()).suffix, open)
        newline = "" if kind in {"csv", "tsv"} else "\n"
        with unpack(temporary, "wt", encoding="utf-8", newline=newline) as file:
            if kind == "jsonl":
                yield _JsonlWriter(file)
            else:
                yield _DelimitedWriter(file, path.name, formulas, quotes=kind == "csv")


class _JsonlWriter:
    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.formulas = self.escaped = 0

    def write(self, values: Mapping[str, Any]) -> None:
        line = json.dumps(dict(values), ensure_ascii=False, default=str)
        try:
            line.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which UTF-8 lacks and JSON can escape
            line = json.dumps(dict(values), default=str)
        self._file.write(line + "\n")


class _DelimitedWriter:
    """CSV with quotes, or TSV without: there a double quote is a character like any other, as `read_tsv` has it."""

    def __init__(self, file: IO[str], name: str, formulas: Formulas, *, quotes: bool) -> None:
        self._name = name
        if quotes:
            self._rows = csv.writer(file, lineterminator="\n")
        else:
            self._rows = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        self._columns: list[str] = []
        self._number = 0
        self._escapes = formulas == "escape"
        self.formulas = self.escaped = 0

    def write(self, values: Mapping[str, Any]) -> None:
        if not self._columns:
            self._columns = list(values)
            self._rows.writerow(map(self._harmless, self._columns))
        self._number += 1
        unknown = next((name for name in values if name not in self._columns), None)
        if unknown is not None:
            raise _unknown_column(self._name, self._number, unknown)
        try:
            self._rows.writerow([self._cell(values.get(name)) for name in self._columns])
        except csv.Error as error:
            raise DataError(
                f"row {self._number} holds a tab or a line break, which TSV cannot hold",
                where=self._name,
                hint="write .csv or .jsonl, or clean with normalize-space first",
            ) from error
        except UnicodeEncodeError as error:
            raise DataError(
                f"row {self._number} holds half of a surrogate pair, which CSV cannot hold",
                where=self._name,
                hint="write .jsonl, or clean with repair-unicode first",
            ) from error

    def _cell(self, value: Any) -> Any:
        if isinstance(value, (dict, list, tuple)):
            return json.dumps(value, ensure_ascii=False, default=str)
        return self._harmless(value) if isinstance(value, str) else value

    def _harmless(self, text: str) -> str:
        if not text.startswith(FORMULA_STARTS) or NUMBER.fullmatch(text):
            return text
        self.formulas += 1
        self.escaped += self._escapes
        return "'" + text if self._escapes else text


class _ParquetWriter:
    """Rows in groups; the first group decides the types, and a column without any value there holds texts."""

    def __init__(self, path: Path, name: str) -> None:
        try:
            import pyarrow as arrow
            from pyarrow import parquet
        except ImportError as error:
            raise MissingExtraError("writing Parquet", "data") from error
        self._arrow, self._parquet = arrow, parquet
        self._path, self._name = path, name
        self._rows: list[dict[str, Any]] = []
        self._columns: dict[str, None] = {}
        self._number = 0
        self._file: Any = None
        self._schema: Any = None
        self.formulas = self.escaped = 0

    def __enter__(self) -> _ParquetWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            if self._file is not None:
                self._file.close()

    def write(self, values: Mapping[str, Any]) -> None:
        self._columns = self._columns or dict.fromkeys(values)
        self._number += 1
        unknown = next((name for name in values if name not in self._columns), None)
        if unknown is not None:  # pyarrow would leave it out without a word
            raise _unknown_column(self._name, self._number, unknown)
        self._rows.append(dict(values))
        if len(self._rows) == PARQUET_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows and self._file is not None:
            return
        try:
            table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
            if self._schema is None:
                empty, texts = self._arrow.types.is_null, self._arrow.string()
                self._schema = self._arrow.schema(
                    [self._arrow.field(it.name, texts) if empty(it.type) else it for it in table.schema]
                )
                table = table.cast(self._schema)
                self._file = self._parquet.ParquetWriter(self._path, self._schema)
            self._file.write_table(table)
        except (self._arrow.ArrowException, TypeError, UnicodeEncodeError) as error:
            first = (str(error).splitlines() or [""])[0]
            raise DataError(
                f"rows of different kinds do not fit one Parquet column: {first}",
                where=self._name,
                hint="write .jsonl, where rows may differ",
            ) from error
        self._rows = []


def _unknown_column(name: str, number: int, column: str) -> DataError:
    return DataError(
        f"row {number} has a column {column!r} that the first row lacks",
        where=name,
        hint="write .jsonl, where rows may differ",
    )
