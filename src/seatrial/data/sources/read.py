"""A source → its rows, one at a time: located, read, joined, numbered. An unreadable row is named, not raised."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from seatrial.data.sources import BINARY
from seatrial.data.sources.base import BadRecord, BadRow, Record
from seatrial.data.sources.encodings import AUTO, guess_encoding
from seatrial.data.sources.facts import SourceFacts
from seatrial.data.sources.files import SourceFile, format_of, reader_of, source_files
from seatrial.data.sources.hub import read_hub
from seatrial.data.sources.join import Partner
from seatrial.data.sources.sql import read_sql
from seatrial.data.sources.unpack import UNREADABLE
from seatrial.errors import DataError, SpecError
from seatrial.records import Provenance, Row
from seatrial.spec.data import Place, Source

__all__ = ["read_rows"]

Named = tuple[str, Record | BadRecord]


def read_rows(
    source: Source, *, root: Path, max_row_bytes: int, where: str, facts: SourceFacts | None = None
) -> Iterator[Row | BadRow]:
    """The rows of a source, lazily and in order; they are numbered from 1 across all its files, bad rows included.

    Args:
        source: what to read.
        root: the project folder, which relative paths start from.
        max_row_bytes: a longer line is a bad row and is never held in memory whole.
        where: dotted path of the source in the project file, for example ``data.sources.0``.
        facts: filled with what is found out on the way.

    Raises:
        DataError: a file is missing, empty or unreadable as a whole, a query stopped, or a join has no unique key.
        OfflineError: the network would be needed and is forbidden.
        ResolveError: a Hub data set or a database server cannot be reached.
        SpecError: the source's settings cannot be meant, or its query is refused.
    """
    facts = SourceFacts() if facts is None else facts
    partner = None
    if source.join is not None:
        partner = Partner(source.join.on, source.join.path or source.join.member[-1])
        joined = _place_records(source.join, root, max_row_bytes, f"{where}.join", facts)
        for number, (name, record) in enumerate(joined, start=1):
            if isinstance(record, BadRecord):
                yield _bad_row(record, name, Provenance(f"{source.name} (join)", number))
            else:
                partner.add(record)
    if source.hub is not None:
        records: Iterator[Named] = ((source.name, record) for record in read_hub(source, where))
    elif source.sql is not None:
        records = _query_records(source, root, max_row_bytes, where, facts)
    else:
        records = _place_records(source, root, max_row_bytes, where, facts)
    for number, (name, found) in enumerate(islice(records, source.first), start=1):
        provenance = Provenance(source.name, number)
        row = partner.join(found, name) if partner is not None and isinstance(found, Record) else found
        if isinstance(row, BadRecord):
            yield _bad_row(row, name, provenance)
            continue
        if number == 1:
            _refuse_overlap(source, row, where)
        yield Row({**row.values, **source.add}, provenance)


def _query_records(source: Source, root: Path, max_row_bytes: int, where: str, facts: SourceFacts) -> Iterator[Named]:
    empty = True
    for record in read_sql(source, root, max_row_bytes, where):
        empty = False
        if isinstance(record, Record):
            facts.row(record.values)
        yield source.name, record
    if empty:
        raise DataError("the query gives no rows", where=f"{where}.sql", expected="at least one row")


def _place_records(place: Place, root: Path, max_row_bytes: int, where: str, facts: SourceFacts) -> Iterator[Named]:
    for file in source_files(place, root, where):
        reader = reader_of(place, file.name, where)
        empty = True
        try:
            guessing = place.encoding == AUTO and format_of(place, file.name, where) not in BINARY
            known = _with_encoding(place, file, facts) if guessing else place
            with file.open() as stream:
                for record in reader(stream, file.name, known, max_row_bytes):
                    empty = False
                    yield file.name, record
        except UNREADABLE as error:
            raise DataError(
                f"cannot be read: {error}", where=file.name, hint="check the file and its rights"
            ) from error
        if empty:
            raise DataError(
                "has no rows", where=file.name, expected="at least one row", hint="fill the file or remove it"
            )


def _with_encoding(place: Place, file: SourceFile, facts: SourceFacts) -> Place:
    """The place with the encoding that this file seems to be in."""
    with file.open() as stream:
        guess = guess_encoding(stream)
    facts.guesses[file.name] = guess
    return place.model_copy(update={"encoding": guess.encoding})


def _bad_row(record: BadRecord, name: str, provenance: Provenance) -> BadRow:
    return BadRow(provenance, f"{name}:{record.line}", record.reason, record.text, record.hint)


def _refuse_overlap(source: Source, record: Record, where: str) -> None:
    both = sorted(source.add.keys() & record.values.keys())
    if both:
        raise SpecError(
            f"the data already has a column {both[0]!r}",
            where=f"{where}.add",
            hint="give the added column another name, or leave it out",
        )
