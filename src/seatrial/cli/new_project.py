"""Write a new project's file from its task's template, with what was found in a given data file filled in."""

from __future__ import annotations

import os
import re
import unicodedata
from importlib.resources import files
from pathlib import Path

from seatrial.artifact.atomic import write_text
from seatrial.cli.guess import Guess, look_at
from seatrial.errors import SpecError
from seatrial.tasks import TASKS

__all__ = ["new_project", "project_name"]

MAX_NAME = 64


def new_project(folder: Path, task: str, data: Path | None) -> tuple[Path, Guess]:
    """Make `folder` with a `seatrial.yaml`.

    Args:
        folder: must not hold a project yet.
        task: registered task name.
        data: a file to look at, or None.

    Returns:
        The file written, and what was guessed.

    Raises:
        SpecError: the folder already holds a project, or the task or `data` is not what it should be.
        DataError: `data` cannot be read.
    """
    TASKS.get(task, where="--task")
    file = folder / "seatrial.yaml"
    if file.exists():
        raise SpecError("there is a project already", where=str(file), hint="choose another name, or edit that file")
    template = files("seatrial.tasks") / "templates" / f"{task}.yaml"
    guess = look_at(data) if data else Guess()
    source = os.path.relpath(data.resolve(), folder.resolve()) if data else "data.csv"
    reading = {"encoding": guess.encoding, "delimiter": guess.delimiter}
    blanks = {
        "name": project_name(folder.resolve().name),
        "source": _quoted(source),
        "reading": "".join(f"\n      {key}: {_scalar(value)}" for key, value in reading.items() if value),
        "slices": f"; here perhaps [{', '.join(map(_quoted, guess.slices))}]" if guess.slices else "",
        "text": _quoted(guess.columns.get("text", "text")),
        "label": _quoted(guess.columns.get("label", "label")),
        "unless_label": "" if "label" in guess.columns else "# ",
    }
    text = template.read_text(encoding="utf-8")
    write_text(file, re.sub("{(" + "|".join(blanks) + ")}", lambda found: blanks[found[1]], text))
    return file, guess


def project_name(folder: str) -> str:
    """A folder's name in what a project's may have: `Größe 7` becomes `grosse-7`; `project` if nothing is left."""
    letters = unicodedata.normalize("NFKD", folder.casefold())  # ß becomes ss, № No
    plain = "".join(letter for letter in letters.casefold() if not unicodedata.combining(letter))
    return re.sub("[^a-z0-9._-]+", "-", plain).strip("-._")[:MAX_NAME].rstrip("-._") or "project"


def _scalar(value: str) -> str:
    """A setting as YAML; double quotes, so that a tab can be seen."""
    return '"\\t"' if value == "\t" else f'"{value}"' if len(value) == 1 else value


def _quoted(word: str) -> str:
    """The word as a YAML scalar, quoted only where it must be."""
    plain = re.fullmatch(r"[A-Za-z_][\w./-]*", word) and word.lower() not in {"true", "false", "null"}
    return word if plain else "'" + word.replace("'", "''") + "'"
