"""`seatrial init`: a new project folder with a commented project file."""

from __future__ import annotations

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
    from seatrial.cli.new_project import new_project

    file, guesses = new_project(folder, task, data)
    if json_output:
        write_json({"project": str(folder), "file": str(file), "columns": guesses})
        return
    say(f"wrote {file}")
    for part, column in guesses.items():
        say(f"  {part}: column {column!r} (a guess; change it under data.columns)")
    if not guesses:
        say(f"next: put your data at {folder / 'data.csv'} or change data.sources, then set the columns")
    say(f"then: seatrial plan {folder}    seatrial run {folder}")
