"""`seatrial data clean`: the texts of files, cleaned by the steps of a project or by those named here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.console import guarded
from seatrial.cli.data.files import beside, check_outputs, open_table
from seatrial.cli.data.flow_report import show_flow
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    Files,
    Formulas,
    FormulasOption,
    MaxBadRows,
    Out,
    Overwrite,
    TextColumns,
    Workers,
)
from seatrial.cli.options import Debug, Json
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from seatrial.spec.cleaning import CleaningStep

__all__ = ["clean", "named_steps"]


@guarded
def clean(
    files: Files,
    *,
    out: Out,
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            metavar="STEP",
            help="A cleaning step, such as lowercase or 'keep-languages: {languages: [en]}'; may be repeated, in order."
            "  [default: unescape-html, normalize-space, drop-empty]",
        ),
    ] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="PROJECT", help="Take the steps of this project instead.")
    ] = None,
    text: TextColumns = None,
    dropped: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where what was left out goes, as JSONL.  [default: beside --out]"),
    ] = None,
    formulas: FormulasOption = Formulas.KEEP,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    workers: Workers = None,
    max_bad_rows: MaxBadRows = 100,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Clean the texts of data files and write the rows that are left, all columns kept.

    What was left out stands in a file of its own, with the step and the reason. Memory does not grow with the files.
    """
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.flow.flow import run_flow
    from seatrial.data.flow.workers import usual_workers
    from seatrial.data.flow.writers import writable_format
    from seatrial.pipeline.release_entities import open_entities_in

    writable_format(out)
    dropped = dropped or beside(out, "dropped")
    check_outputs([out, dropped], files, overwrite=overwrite)
    wanted, where, root = _steps(steps, project)
    workers = workers or usual_workers()
    table = open_table(files, encoding, delimiter, file_format)
    columns = [table.column(name) for name in text] if text else [table.column(None)]
    with ProgressBars() as bars:
        report = run_flow(
            table,
            wanted,
            columns=columns,
            out=out,
            dropped=dropped,
            where=where,
            workers=workers,
            max_bad_rows=max_bad_rows,
            formulas=formulas.value,
            open_entities=open_entities_in(root, threads=1 if workers > 1 else None),
            progress=bars,
        )
    show_flow(report, out, dropped, json_output=json_output)


def named_steps(steps: list[str]) -> list[CleaningStep]:
    """Steps as they are typed: a name, or a line of YAML with options.

    Raises:
        SpecError: one is neither.
    """
    import yaml
    from pydantic import TypeAdapter, ValidationError

    from seatrial.spec.cleaning import CleaningStep

    read = TypeAdapter[CleaningStep](CleaningStep)
    found: list[CleaningStep] = []
    for step in steps:
        try:
            found.append(read.validate_python(yaml.safe_load(step)))
        except (yaml.YAMLError, ValidationError) as error:
            raise SpecError(
                f"{step!r} is no cleaning step", where="--step", expected="a name, or 'name: {option: value}'"
            ) from error
    return found


def _steps(steps: list[str] | None, project: Path | None) -> tuple[list[CleaningStep], str, Path]:
    """The steps, the option or path that gave them, and what their relative paths start from."""
    from seatrial.spec.data import USUAL_CLEANING
    from seatrial.spec.load import find_project, load_spec

    if project is None:
        return (named_steps(steps) if steps else [*USUAL_CLEANING]), "--step", Path.cwd()
    if steps:
        raise SpecError("steps are given twice", where="--step", hint="name steps or a project, not both")
    found = find_project(project)
    return list(load_spec(found.file).data.clean), "data.clean", found.root
