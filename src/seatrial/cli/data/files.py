"""The files that a verb of `seatrial data` is given, looked at, and those it will write, checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.cli.console import note
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from seatrial.data.flow.tables import Table

__all__ = ["beside", "check_outputs", "open_table"]


def open_table(
    files: Sequence[Path], encoding: str | None, delimiter: str | None, file_format: str | None = None
) -> Table:
    """The rows of the files, after a word on stderr about what was found out about how they are written.

    Raises:
        SpecError: an ending, a format or an encoding that is not known.
        DataError: a file that is missing or cannot be read.
    """
    from seatrial.data.flow.tables import table_of

    table = table_of(files, encoding=encoding, delimiter=delimiter, file_format=file_format)
    for guess in table.guesses:
        note(guess)
    return table


def check_outputs(outputs: Sequence[Path], inputs: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse to write over what is read, over what is there, and over each other.

    Raises:
        SpecError: naming the file.
    """
    places = [out.resolve() for out in outputs]
    for out in outputs:
        if places.count(out.resolve()) > 1:
            raise SpecError(f"{out} is named for two outputs", where="--out", hint="give them different names")
        if any(out.exists() and file.exists() and out.samefile(file) for file in inputs):
            raise SpecError(f"{out} is read and would be overwritten", where="--out", hint="give it another name")
        if out.is_dir():
            raise SpecError(f"{out} is a folder", where="--out", hint="name a file in it")
        if out.exists() and not overwrite:
            raise SpecError(f"{out} is there already", where="--out", hint="name another file, or add --overwrite")


def beside(out: Path, what: str) -> Path:
    """The JSONL file beside `out` for something about it: ``a.csv`` and ``dropped`` make ``a.csv.dropped.jsonl``.

    The whole name, since ``a.csv`` and ``a.jsonl`` may lie in one folder.
    """
    return out.with_name(f"{out.name}.{what}.jsonl")
