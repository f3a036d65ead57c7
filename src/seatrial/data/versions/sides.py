"""What a user names as a version of a data set → its items, one at a time.

A file or glob; a folder with a prepared data set; or a project, whose latest prepared data set is meant. Refuses to
know: what a difference is.
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.artifact.store import Store
from seatrial.data.flow.tables import Table, table_of
from seatrial.data.sources.base import BadRow
from seatrial.data.usable import incomplete
from seatrial.errors import ArtifactError, DataError
from seatrial.records import SPLITS, Row

__all__ = ["Item", "Side", "digest", "open_sides"]

DIGEST_BYTES = 16
OTHERS = ("slices", "distribution", "raters", "spans")
"""What a prepared example may have beside its text, label and split."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a version.

    Attributes:
        key: what makes it the same row in both versions: its id, or its text.
        text: the text.
        label: the label; empty where there is none.
        split: of a prepared data set; else empty.
        others: a digest of the columns beside these that both versions have.
        where: file and row, for people.
    """

    key: str
    text: str
    label: str
    split: str
    others: bytes
    where: str


@dataclass(frozen=True, slots=True)
class Side:
    """A version that can be read.

    Attributes:
        name: as the user named it.
        table: its files; None for a prepared data set.
        folder: the prepared data set; None for files.
        text, label, key: columns of the files; `key` is None where texts are compared.
        others: columns beside these that both versions have, in order.
        typed: whether values are compared with their types; where one version is of CSV or TSV, both are read as
            their cells would be.
    """

    name: str
    table: Table | None = None
    folder: Path | None = None
    text: str = "text"
    label: str | None = None
    key: str | None = None
    others: Sequence[str] = ()
    typed: bool = True

    @property
    def mode(self) -> int:
        """The widest permissions of what is written about it."""
        return self.table.mode if self.table else 0o666

    @property
    def guesses(self) -> Sequence[str]:
        """What was found out about how its files are written."""
        return self.table.guesses if self.table else ()

    def items(self) -> Iterator[Item | BadRow]:
        """Its items in order, lazily.

        Raises:
            DataError: a file cannot be read as a whole.
            ArtifactError: the prepared data set is damaged.
        """
        if self.folder is not None:
            yield from _prepared_items(self.folder, by_id=self.key is not None)
            return
        assert self.table is not None
        for row in self.table.rows():
            yield row if isinstance(row, BadRow) else self._item(row)

    def _item(self, row: Row) -> Item | BadRow:
        where = f"{row.provenance.source} row {row.provenance.row}"
        values = row.values
        bad = incomplete(row, [name for name in (self.text, self.label, self.key) if name])
        if bad is not None:
            return bad
        word = _word if self.typed else _cell
        text = word(values[self.text])
        others = {name: values.get(name) for name in self.others}
        return Item(
            key=word(values[self.key]) if self.key else text,
            text=text,
            label=word(values[self.label]) if self.label else "",
            split="",
            others=digest(others if self.typed else {name: _cell(value) for name, value in others.items()}),
            where=where,
        )


def open_sides(
    first: str,
    second: str,
    *,
    text: str | None = None,
    label: str | None = None,
    key: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    file_format: str | None = None,
) -> tuple[Side, Side]:
    """Both versions, looked at but not read.

    Args:
        first: a file, a glob, a folder with a prepared data set, or a project.
        second: the same; both are prepared data sets, or neither is.
        text: the column with the text; None for `text` or the only one.
        label: the column with the label; None for `label` where both have it.
        key: the column that identifies a row; None compares by text. Of prepared data sets any value stands for the id.
        encoding: of files; None to find it.
        delimiter: the same.
        file_format: of files; None where their endings tell it.

    Raises:
        DataError: nothing there, no such column, or a prepared data set beside files.
    """
    folders = [_prepared_folder(name) for name in (first, second)]
    if all(folders):
        one, other = (
            Side(name, folder=folder, key="id" if key else None, label="label")
            for name, folder in zip((first, second), folders, strict=True)
        )
        return one, other
    if any(folders):
        raise DataError(
            "one is a prepared data set and the other is not",
            where=first if folders[0] else second,
            expected="two of a kind",
            hint="name files on both sides: a prepared data set holds train.jsonl, validation.jsonl and test.jsonl",
        )
    tables = [
        table_of(_files(name), encoding=encoding, delimiter=delimiter, file_format=file_format)
        for name in (first, second)
    ]
    shared = [column for column in tables[0].columns if column in tables[1].columns]
    usual = "label" if "label" in shared else None
    typed = all(table.typed for table in tables)
    sides = []
    for name, table in zip((first, second), tables, strict=True):
        found = table.column(text)
        chosen = table.column(label, where="--label") if label else usual
        id_column = table.column(key, where="--id") if key else None
        others = [column for column in shared if column not in {found, chosen, id_column}]
        ordered = tuple(sorted(others))
        sides.append(Side(name, table=table, text=found, label=chosen, key=id_column, others=ordered, typed=typed))
    return sides[0], sides[1]


def digest(value: Any) -> bytes:
    """A short digest of a text or of a plain JSON value."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _prepared_folder(name: str) -> Path | None:
    """The prepared data set that a folder is, or that a project made last; None for everything else."""
    path = Path(name).expanduser()
    if not path.is_dir():
        return None
    if (path / "dataset.json").is_file():
        return path
    if not (path / "seatrial.yaml").is_file():
        raise DataError(
            "is neither a prepared data set nor a project",
            where=name,
            expected="a folder with dataset.json or seatrial.yaml, a file, or a glob",
            hint=f"name its files: '{name.rstrip('/')}/*.csv'",
        )
    store = Store(path / ".seatrial")
    last = store.last("prepare")
    folder = store.folder("prepare", last.digest) if last else None
    if folder is None or not folder.is_dir():
        raise DataError("the project has no prepared data set", where=name, hint=f"make one: seatrial run {name}")
    return folder


def _files(name: str) -> list[Path]:
    path = Path(name).expanduser()
    if path.is_file() or not glob.has_magic(name):
        return [path]
    found = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 - absolute ones, too
    files = [file for file in found if file.is_file()]
    if not files:
        raise DataError("no file matches", where=name, hint="put the pattern into quotes, or check it")
    return files


def _prepared_items(folder: Path, *, by_id: bool) -> Iterator[Item]:
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        line = 0
        try:
            with path.open(encoding="utf-8") as file:
                for line, content in enumerate(file, start=1):
                    yield _prepared_item(json.loads(content), split, f"{split}.jsonl:{line}", by_id=by_id)
        except FileNotFoundError as error:
            raise ArtifactError(f"there is no {split} split", where=str(path), hint="run prepare again") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactError(
                f"is not an example: {error}", where=f"{path}:{line}", hint="run prepare again"
            ) from error


def _prepared_item(example: Mapping[str, Any], split: str, where: str, *, by_id: bool) -> Item:
    inputs: Mapping[str, Any] = example["inputs"]
    text = inputs["text"] if set(inputs) == {"text"} else json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    others = digest({name: example[name] for name in OTHERS if example.get(name)})
    label = _word(example.get("label"))
    return Item(str(example["id"]) if by_id else text, text, label, split, others, where)


def _word(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _cell(value: Any) -> str:
    """A value as a cell of CSV or TSV says it: what is missing is empty, and whoever writes a list writes JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if value in ("True", "False"):  # what Python's writers make of true and false
            return value.lower()
        if value[:1] in ("[", "{"):
            try:
                return _word(json.loads(value))
            except ValueError:
                return value
        return value
    return _word(value)
