"""`seatrial data inspect`: what is in data files, or in the sources of a project, before anything is done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import check_outputs, open_table
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    Overwrite,
    TextColumn,
    Workers,
)
from seatrial.cli.options import Debug, Json
from seatrial.errors import MissingExtraError, OfflineError, ResolveError, SpecError

if TYPE_CHECKING:
    from seatrial.data.flow.tables import Table
    from seatrial.data.inspect.items import Item, Unread
    from seatrial.records import Report
    from seatrial.spec.project import ProjectSpec

    CountTokens = Callable[[Sequence[str]], list[int]]

__all__ = ["inspect"]

MOST_TOKENS = 1 << 20
WITHOUT_TOKENS = (ResolveError, OfflineError, MissingExtraError)


@guarded
def inspect(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE|PROJECT", help="Data files, or one project folder.", show_default=False),
    ],
    *,
    text: TextColumn = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column with the label.  [default: label, where there is one]"),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="A column that says the split.  [default: split; else every file is a part]"
        ),
    ] = None,
    near: Annotated[
        float, typer.Option(min=0.1, max=1, metavar="SHARE", help="Word triples that near copies have in common.")
    ] = 0.8,
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="Texts searched for languages and personal data; 0 for none.")
    ] = 2000,
    labelled: Annotated[
        int, typer.Option("--label-sample", min=0, metavar="N", help="Texts searched for wrong labels; 0 for none.")
    ] = 5000,
    shown: Annotated[int, typer.Option("--show", min=0, max=100, metavar="N", help="Rows to show as samples.")] = 5,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the samples.")] = 0,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as one HTML file too.")] = None,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Report what is in data: rows, classes, lengths, languages, copies, leaks, suspicious labels, personal data.

    Nothing is changed. Memory does not grow with the texts. Of large data, samples are searched, and the report says of
    how many texts. Texts are shown as they are.
    """
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.flow.workers import usual_workers
    from seatrial.data.inspect.inspect import Look, inspect_items

    if html is not None:
        check_outputs([html], files, overwrite=overwrite)
    table = None
    if not any(path.is_dir() or path.suffix in (".yaml", ".yml") for path in files):
        table = open_table(files, encoding, delimiter, file_format)
    given = {"text": text, "label": label, "split": split, "encoding": encoding, "delimiter": delimiter,
             "format": file_format}  # fmt: skip
    items, tokens = _of_project(files, given) if table is None else (_of_table(table, text, label, split), None)
    look = Look(near=near, sample=sample, labelled=labelled, shown=shown, seed=seed)
    with ProgressBars() as bars, TemporaryDirectory(prefix="seatrial-") as scratch:
        report = inspect_items(
            items,
            look,
            scratch=Path(scratch),
            count_tokens=tokens,
            workers=workers or usual_workers(),
            progress=bars,
        )
    _show(report, files, html, json_output=json_output)


def _show(report: Report, files: Sequence[Path], html: Path | None, *, json_output: bool) -> None:
    """Write the page, where one is asked for, and print the figures."""
    from seatrial.artifact.atomic import write_text
    from seatrial.cli.data.inspect_tables import inspect_tables

    if html is not None:
        from seatrial.report.data_page import data_page

        write_text(html, data_page(report, ", ".join(path.name or str(path) for path in files)))
    if json_output:
        write_json({**report.as_dict(), "html": str(html) if html else None})
        return
    say(inspect_tables(report))
    if html is not None:
        say(f"written: {html}")


def _of_project(
    files: Sequence[Path], given: Mapping[str, str | None]
) -> tuple[Iterable[Item | Unread], CountTokens | None]:
    """The items of a project, and how tokens are counted where that is known."""
    from seatrial.data.inspect.items import items_of_project
    from seatrial.spec.load import find_project, load_spec
    from seatrial.tasks import TASKS

    if len(files) > 1:
        raise SpecError("a project is looked at alone", where="FILE|PROJECT", hint="name one project, or data files")
    if any(value is not None for value in given.values()):
        raise SpecError(
            "the project file says which columns there are and how files are written",
            where=str(files[0]),
            hint=f"leave out {', '.join(f'--{name}' for name in given)}, or name data files",
        )
    project = find_project(files[0])
    spec = load_spec(project.file)
    task = TASKS.get(spec.task, where="task")()
    items = items_of_project(spec.data, task=task, labels=spec.labels, root=project.root)
    return items, _tokens(spec, project.root)


def _of_table(table: Table, text: str | None, label: str | None, split: str | None) -> Iterable[Item | Unread]:
    from seatrial.data.inspect.items import items_of_table

    return items_of_table(
        table,
        text=table.column(text),
        label=_column(table, label, "label"),
        split=_column(table, split, "split"),
    )


def _column(table: Table, wanted: str | None, usual: str) -> str | None:
    """The column that the user named, else the usual one where there is one."""
    return table.column(wanted or usual, where=f"--{usual}") if wanted or usual in table.columns else None


def _tokens(spec: ProjectSpec, root: Path) -> CountTokens | None:
    """Texts → tokens of each, by the tokenizer of the project's model; None where it is not at hand."""
    from seatrial.reference import resolve_model
    from seatrial.tokenize.load import encode, load_tokenizer

    if spec.model.network is not None:
        note("tokens are not counted: the project trains a tokenizer of its own")
        return None
    try:
        folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
        tokenizer = load_tokenizer(folder, MOST_TOKENS)
    except WITHOUT_TOKENS as error:
        note(f"tokens are not counted: {error.message}")
        return None
    return lambda texts: [len(ids) for ids in encode(tokenizer, texts)]
