"""`seatrial init`: a new project folder with a commented project file."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json

__all__ = ["init"]


@guarded
def init(
    folder: Annotated[Path, typer.Argument(metavar="NAME", help="Folder to make.", show_default=False)],
    task: Annotated[str, typer.Option("--task", help="Kind of problem.")] = "text-classification",
    data: Annotated[
        Path | None, typer.Option("--data", help="A CSV, TSV, JSONL or Parquet file; its columns are looked at.")
    ] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Make a project folder with a commented seatrial.yaml."""
    from seatrial.cli.new_project import new_project, project_name

    file, guess = new_project(folder, task, data)
    name = project_name(folder.resolve().name)
    if json_output:
        write_json({"project": str(folder), "file": str(file), "name": name, **asdict(guess)})
        return
    say(f"wrote {file}")
    if name == "project":
        say(f"  name: {name} (a to z and digits only; change it under name)")
    for part, column in guess.columns.items():
        say(f"  {part}: column {column!r} (a guess; change it under data.columns)")
    if guess.slices:
        say(f"  not used: {', '.join(map(repr, guess.slices))} (perhaps slices, or the label after all)")
    if guess.delimiter:
        say(f"  delimiter: {guess.delimiter!r}")
    if guess.encoding:
        say(f"  encoding: {guess.encoding} (a guess; change it unless this word reads right: {guess.sample})")
    if data is None:
        where = shlex.quote(str(folder / "data.csv"))
        say(f"next: put your data at {where} or change data.sources, then set the columns")
    quoted = shlex.quote(str(folder))
    say(f"then: seatrial plan {quoted}    seatrial run {quoted}")
