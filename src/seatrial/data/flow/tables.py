"""The files that a user named → one stream of rows, each readable or named as bad.

How each file is written (encoding, delimiter) is found out once, at the start, and can be told to the user. Refuses to
know: which column plays which part.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.encodings import AUTO
from seatrial.data.sources.read import read_rows
from seatrial.data.sources.reading import reading_of
from seatrial.errors import DataError
from seatrial.records import Row
from seatrial.registry import did_you_mean
from seatrial.spec.data import Source

__all__ = ["Table", "table_of"]

MAX_ROW_BYTES = 1_000_000
TYPED = frozenset({"jsonl", "parquet"})


@dataclass(frozen=True, slots=True)
class Table:
    """Files of the same kind, one after the other.

    Attributes:
        sources: one per file.
        columns: of the first row of the first file.
        guesses: what was found out about how files are written, for people; empty where it is as usual.
        read_as: the same as rows {file, encoding, delimiter, word}; `word` reads right only if the encoding is.
        max_row_bytes: a longer line is a bad row.
        formats: of the files, by name.
    """

    sources: Sequence[Source]
    columns: Sequence[str]
    guesses: Sequence[str] = ()
    read_as: Sequence[Mapping[str, str | None]] = ()
    max_row_bytes: int = MAX_ROW_BYTES
    formats: Sequence[str] = ()

    @property
    def typed(self) -> bool:
        """Whether values have types; a cell of CSV or TSV is a text, whatever it says."""
        return all(name in TYPED for name in self.formats)

    @property
    def mode(self) -> int:
        """The permissions that an output may have at most: group and others get none where a file gives them none."""
        mode = 0o666
        for source in self.sources:
            if source.path is not None and Path(source.path).is_file():
                its = Path(source.path).stat().st_mode
                mode &= 0o600 | (0o060 if its & stat.S_IRGRP else 0) | (0o006 if its & stat.S_IROTH else 0)
        return mode

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows of all files, lazily and in order. May be asked for again.

        Raises:
            DataError: a file cannot be read as a whole.
        """
        for source in self.sources:
            yield from read_rows(source, root=Path.cwd(), max_row_bytes=self.max_row_bytes, where=source.name)

    def column(self, wanted: str | None, usual: Sequence[str] = ("text",), *, where: str = "--text") -> str:
        """The column that the user named; else the one with a usual name; else the only one.

        Raises:
            DataError: there is no such column, or it cannot be told which one is meant.
        """
        if wanted is not None:
            if wanted in self.columns:
                return wanted
            raise DataError(f"there is no column {wanted!r}", where=where, hint=did_you_mean(wanted, [*self.columns]))
        for name in usual:
            if name in self.columns:
                return name
        if len(self.columns) == 1:
            return self.columns[0]
        named = ", ".join(map(repr, self.columns[:20]))
        raise DataError(f"which column is meant is not clear: {named}", where=where, hint=f"name it with {where}")


def table_of(
    files: Sequence[Path],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    file_format: str | None = None,
    max_row_bytes: int = MAX_ROW_BYTES,
) -> Table:
    """Look at the first rows of each file.

    Args:
        files: at least one.
        encoding: of all of them; None or ``"auto"`` to find it.
        delimiter: of all of them; None to find it.
        file_format: of all of them; None where their endings tell it.
        max_row_bytes: a longer line is a bad row.

    Raises:
        SpecError: an ending tells no format, or there is no such encoding or delimiter.
        DataError: a file is missing, or has no row that can be read.
    """
    sources: list[Source] = []
    guesses: list[str] = []
    read_as: list[dict[str, str | None]] = []
    formats: list[str] = []
    encoding = None if encoding == AUTO else encoding
    columns: list[str] = []
    for file in files:
        found = reading_of(file, encoding=encoding, delimiter=delimiter, file_format=file_format, where=str(file))
        sources.append(
            Source(
                name=str(file),
                path=str(file.absolute()),
                encoding=found.encoding or "utf-8",
                delimiter=found.delimiter,
                format=file_format,
            )
        )
        formats.append(found.file_format)
        columns = columns or list(found.rows[0])
        guessed = None if encoding else found.encoding
        word = found.sample() if guessed else ""
        mark = None if delimiter else found.delimiter
        if guessed:
            told = f"; right if this word is: {word}" if word else ""
            guesses.append(f"{file} is read as {guessed} (a guess; --encoding changes it{told})")
        if mark:
            guesses.append(f"{file} is read with the delimiter {mark!r} (a guess; --delimiter changes it)")
        if guessed or mark:
            read_as.append({"file": str(file), "encoding": guessed, "delimiter": mark, "word": word or None})
    return Table(tuple(sources), tuple(columns), tuple(guesses), tuple(read_as), max_row_bytes, tuple(formats))
