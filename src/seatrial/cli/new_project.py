"""Write a new project's file from its task's template, with the columns of a given data file filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from seatrial.artifact.atomic import write_text
from seatrial.errors import SpecError
from seatrial.tasks import TASKS

__all__ = ["new_project"]

SAMPLE_ROWS = 200
MAX_ROW_BYTES = 1_000_000


def new_project(folder: Path, task: str, data: Path | None) -> tuple[Path, Mapping[str, str]]:
    """Make `folder` with a `seatrial.yaml`.

    Args:
        folder: must not hold a project yet.
        task: registered task name.
        data: a file whose columns are guessed, or None.

    Returns:
        The file written, and the guessed columns (part → column).

    Raises:
        SpecError: the folder already holds a project, or the task is unknown.
        DataError: `data` cannot be read.
    """
    TASKS.get(task, where="--task")
    file = folder / "seatrial.yaml"
    if file.exists():
        raise SpecError("there is a project already", where=str(file), hint="choose another name, or edit that file")
    template = files("seatrial.tasks") / "templates" / f"{task}.yaml"
    text = template.read_text(encoding="utf-8")
    name = re.sub("[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-._") or "project"
    source, guesses = "data.csv", {}
    if data is not None:
        guesses = _guess_columns(data)
        source = os.path.relpath(data.resolve(), folder.resolve())
    text = text.replace("{name}", name).replace("{source}", _quoted(source))
    for part in ("text", "label"):
        text = text.replace(f"{{{part}}}", _quoted(guesses.get(part, part)))
    write_text(file, text)
    return file, guesses


def _quoted(word: str) -> str:
    """The word as a YAML scalar, quoted only where it must be."""
    return word if re.fullmatch(r"[A-Za-z_][\w./-]*", word) else "'" + word.replace("'", "''") + "'"


def _guess_columns(data: Path) -> dict[str, str]:
    """The column with the longest texts, and the one with the fewest different short values."""
    from itertools import islice

    from seatrial.data.sources.read import read_rows
    from seatrial.records import Row
    from seatrial.spec.data import Source

    source = Source(name="data", path=str(data.resolve()))
    read = read_rows(source, root=data.parent, max_row_bytes=MAX_ROW_BYTES, where="--data")
    rows = [row.values for row in islice(read, SAMPLE_ROWS) if isinstance(row, Row)]
    if not rows:
        raise SpecError("has no row to look at", where=str(data))
    lengths: dict[str, float] = {}
    kinds: dict[str, int] = {}
    for column in rows[0]:
        values = [str(row[column]) for row in rows if row.get(column) is not None]
        lengths[column] = sum(map(len, values)) / max(1, len(values))
        kinds[column] = len(set(values))
    text = max(lengths, key=lambda column: lengths[column])
    labels = [column for column in kinds if column != text and 1 < kinds[column] <= max(2, len(rows) // 2)]
    named = [
        column for column in labels if re.search("label|class|categor|sentiment|rating|stars|target", column, re.I)
    ]
    label = min(named or labels, key=lambda column: kinds[column], default=None)
    return {"text": text, **({"label": label} if label else {})}
