"""Brings items into a store: rows of tables, or tasks of Label Studio with the answers they have.

Refuses to know: pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seatrial.data.annotate.label_studio import read_tasks
from seatrial.data.annotate.standing import Kind
from seatrial.data.annotate.store import Item, Store
from seatrial.data.cells import cell_text
from seatrial.data.flow.tables import Table
from seatrial.data.sources.base import BadRow
from seatrial.data.usable import BadRows, incomplete
from seatrial.errors import DataError
from seatrial.records import Row

__all__ = ["fill_from_table", "fill_from_tasks"]


def fill_from_table(store: Store, table: Table, *, text: str, item: str | None = None, max_bad_rows: int = 100) -> int:
    """Add the rows of a table that are not in the store yet.

    Args:
        store: where to.
        table: the rows.
        text: the column with the text; a row without one is not asked about.
        item: the column that names a row; None numbers the rows, across files.
        max_bad_rows: more rows than this that cannot be read stop it.

    Returns:
        How many are new.

    Raises:
        DataError: too many bad rows, two rows of one name, or a row with another text than before.
    """

    def items() -> Iterable[Item]:
        seen: set[str] = set()
        bad = BadRows(max_bad_rows, hint="correct them")
        for number, row in enumerate(table.rows(), start=1):
            odd = row if isinstance(row, BadRow) else incomplete(row, (), texts=[text] if text in row.values else ())
            if odd is not None:
                bad.add(odd)
                continue
            assert isinstance(row, Row)
            found = cell_text(row.values.get(text))
            if found is None or not found.strip():
                continue
            name = str(number) if item is None else str(row.values.get(item, "")).strip()
            if not name or name in seen:
                raise DataError(
                    f"the name {name!r} is {'there twice' if name else 'empty'}",
                    where=f"{row.provenance.source}, row {row.provenance.row}",
                    hint="name a column with another value in each row with --item",
                )
            seen.add(name)
            yield Item(name, found, row.values)

    return store.add_items(items())


def fill_from_tasks(store: Store, path: Path, *, text: str | None = None) -> tuple[int, int]:
    """Add tasks of Label Studio with their answers; done twice, it adds nothing more.

    Returns:
        How many items and answers are new.

    Raises:
        DataError: the file cannot be read, or an answer is no label of the store.
    """
    labels = set(store.setup.labels)
    tasks = list(read_tasks(path, text=text))
    for task in tasks:
        for given in task.annotations:
            if given.label and given.label not in labels:
                raise DataError(
                    f"task {task.item.id} has the choice {given.label!r}",
                    where=str(path),
                    expected=f"one of {', '.join(store.setup.labels)}",
                    hint="name all choices with --labels",
                )
    added = store.add_items(task.item for task in tasks)
    store.add_raters(dict.fromkeys(given.rater for task in tasks for given in task.annotations))
    before = store.standing.number
    for task in tasks:
        for given in task.annotations:
            kind: Kind = "answer" if given.label else "skip"
            token = f"import\0{task.item.id}\0{given.rater}"
            store.record(given.rater, task.item.id, kind, given.label, token=token, took_s=given.took_s)
    return added, store.standing.number - before
