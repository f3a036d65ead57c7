"""The options that every command shares, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Debug", "Json", "ProjectPath", "Set"]

ProjectPath = Annotated[
    Path, typer.Argument(metavar="PROJECT", help="Project folder, or a project file.", show_default=False)
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="Override a value of the project file; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
