"""The options that the verbs of `seatrial data` share, so that they read the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Delimiter",
    "Encoding",
    "FileFormat",
    "Files",
    "Formulas",
    "FormulasOption",
    "MaxBadRows",
    "Out",
    "Overwrite",
    "TextColumn",
    "TextColumns",
    "Workers",
]


class Formulas(StrEnum):
    """What becomes of cells that a spreadsheet would run."""

    ESCAPE = "escape"
    KEEP = "keep"


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="Data files; their endings tell their formats.", show_default=False),
]
Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FILE", help="The file to write: .csv, .tsv, .jsonl or .parquet, perhaps .gz."),
]
TextColumn = Annotated[
    str | None,
    typer.Option("--text", metavar="COLUMN", help="The column with the text.  [default: text, or the only one]"),
]
TextColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--text", metavar="COLUMN", help="A column with text; may be repeated.  [default: text, or the only one]"
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of the files, such as cp1252 or gb18030.  [default: found]", show_default=False),
]
Delimiter = Annotated[
    str | None,
    typer.Option(metavar="CHAR", help="Between the columns of the files.  [default: found]", show_default=False),
]
FileFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Of the files: csv, tsv, jsonl, parquet, text …  [default: what their endings say]",
        show_default=False,
    ),
]
FormulasOption = Annotated[
    Formulas, typer.Option(help="Keep cells of CSV and TSV that a spreadsheet would run, or put a ' before them.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Processes.  [default: one per core]", show_default=False),
]
MaxBadRows = Annotated[
    int, typer.Option("--max-bad-rows", min=0, metavar="N", help="More rows than this that cannot be read stop it.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")]
