"""`seatrial data dedupe`: copies within and between files, and files without them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.data.files import beside, check_outputs, open_table
from seatrial.cli.data.flow_report import note_formulas
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    Files,
    Formulas,
    FormulasOption,
    MaxBadRows,
    Overwrite,
    TextColumn,
    Workers,
)
from seatrial.cli.options import Debug, Json
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from seatrial.data.dedupe.files import DedupeReport

__all__ = ["dedupe"]

MIN_NEAR = 0.3
ACROSS_SHOWN = 10


class Keep(StrEnum):
    """Which member of a cluster stays."""

    FIRST = "first"
    LONGEST = "longest"
    MAJORITY = "majority"


@guarded
def dedupe(
    files: Files,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The file for the rows that stay, of all files."),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Instead: a folder for one file per file, of the same name.")
    ] = None,
    exact: Annotated[
        bool, typer.Option(help="Texts that are the same but for case, width and spaces are copies.")
    ] = True,
    near: Annotated[
        float,
        typer.Option(
            metavar="JACCARD", help="Texts whose word 3-grams are at least this similar are copies; 0 to skip."
        ),
    ] = 0.8,
    semantic: Annotated[
        float | None,
        typer.Option(metavar="COSINE", min=0.5, max=1, help="Texts whose vectors are at least this near are copies."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="For --semantic: an embedding release, a model folder or package:…"),
    ] = None,
    keep: Annotated[Keep, typer.Option(help="Which copy stays.")] = Keep.FIRST,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The label, for --keep majority.", show_default=False)
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="A column that names each row's split.", show_default=False),
    ] = None,
    protect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A file, or with --split a split such as test, whose rows all stay; may be repeated."
        ),
    ] = None,
    text: TextColumn = None,
    dropped: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where copies go, as JSONL.  [default: beside the output]")
    ] = None,
    clusters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where clusters go, as JSONL.  [default: beside the output]")
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
    """Drop exact, near and semantic copies within and between data files.

    Every cluster can be read, with its members' files, rows and similarity. Texts are not held in memory.
    """
    from seatrial.cli.data.embedder import embedder
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.dedupe.corpus import Search
    from seatrial.data.dedupe.files import dedupe_files
    from seatrial.data.flow.workers import usual_workers

    _check(near, semantic, model, keep, label)
    outs = _outputs(files, out, out_dir, file_format)
    stem = outs[0] if out_dir is None else out_dir / "files.jsonl"
    dropped = dropped or (beside(stem, "dropped") if out_dir is None else out_dir / "dropped.jsonl")
    clusters = clusters or (beside(stem, "clusters") if out_dir is None else out_dir / "clusters.jsonl")
    check_outputs([*outs, dropped, clusters], files, overwrite=overwrite)
    table = open_table(files, encoding, delimiter, file_format)
    search = Search(
        text=table.column(text),
        label=table.column(label, where="--label") if label else None,
        split=table.column(split, where="--split") if split else None,
        exact=exact,
        near=near or None,
        semantic=semantic,
        keep=keep.value,
        protect=frozenset(protect or ()),
        max_bad_rows=max_bad_rows,
    )
    with ProgressBars() as bars:
        report = dedupe_files(
            table,
            search,
            outs=outs,
            dropped=dropped,
            clusters=clusters,
            embed=embedder(model) if model else None,
            workers=workers or usual_workers(),
            formulas=formulas.value,
            progress=bars,
        )
    _show(report, outs, dropped, clusters, json_output=json_output)


def _check(near: float, semantic: float | None, model: str | None, keep: Keep, label: str | None) -> None:
    """Refuse what cannot be meant, before any work."""
    if near and not MIN_NEAR <= near <= 1:
        raise SpecError(f"{near:g} is no similarity to search by", where="--near", expected=f"0, or {MIN_NEAR} to 1")
    if (semantic is None) != (model is None):
        missing = "--model" if model is None else "--semantic"
        raise SpecError("is needed too", where=missing, hint="semantic copies need --semantic COSINE and --model MODEL")
    if keep is Keep.MAJORITY and label is None:
        raise SpecError("the majority of which labels?", where="--keep", hint="name the column with --label")


def _outputs(files: list[Path], out: Path | None, out_dir: Path | None, file_format: str | None) -> list[Path]:
    """The files for what stays: one, or one per input.

    Raises:
        SpecError: none is named, or two would have the same name, or one cannot be written.
    """
    from seatrial.data.flow.writers import writable_format

    if (out is None) == (out_dir is None):
        raise SpecError("where shall the rows go?", where="--out", hint="name one file with --out, or --out-dir FOLDER")
    outs = [out] if out else [out_dir / _written_name(file, file_format) for file in files if out_dir]
    twice = next((file for file in outs if outs.count(file) > 1), None)
    if twice is not None:
        raise SpecError(f"two files are called {twice.name}", where="--out-dir", hint="rename one, or use --out FILE")
    for file in outs:
        writable_format(file)
    return outs


def _written_name(file: Path, file_format: str | None) -> str:
    """The name of the file; with the ending of its format where its own says another one or none."""
    from seatrial.data.sources import ENDINGS
    from seatrial.data.sources.unpack import bare_name

    if file_format is None or ENDINGS.get(Path(bare_name(file.name)).suffix.lower()) == file_format:
        return file.name
    return f"{file.name}.{file_format}"


def _show(report: DedupeReport, outs: list[Path], dropped: Path, clusters: Path, *, json_output: bool) -> None:
    if json_output:
        files = {"out": [str(out) for out in outs], "dropped_file": str(dropped), "clusters_file": str(clusters)}
        write_json({**report.as_dict(), **files})
        return
    found = ", ".join(f"{count:,} {kind}" for kind, count in report.clusters.items() if count) or "none"
    say(f"{report.rows:,} rows: {report.kept:,} kept; clusters: {found}, each in {clusters}")
    if report.rows > report.kept:
        say(f"{report.rows - report.kept:,} left out, each with its reason in {dropped}")
        for row in report.dropped:
            say(f"  {row['step']}: {row['reason']} {row['count']:,}")
    for row in report.across[:ACROSS_SHOWN]:
        say(f"  {row['clusters']:,} {row['kind']} cluster(s) lie in {' and '.join(row['between'])}")
    note_formulas(report.formulas, report.escaped)
    for out in outs:
        say(f"written: {out}")
