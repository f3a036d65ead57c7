"""`seatrial data split`: files of rows → train, validation and test, or folds, with nothing leaking between them."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import open_table
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
)
from seatrial.cli.options import Debug, Json
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from seatrial.data.split.files import SplitReport
    from seatrial.spec.data_split import Split

__all__ = ["Leaks", "split"]


class Leaks(StrEnum):
    """What becomes of copies and groups that would be in two files."""

    STOP = "stop"
    DROP = "drop"
    ALLOW = "allow"


@guarded
def split(
    files: Files,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="The folder to make.")],
    by: Annotated[
        str, typer.Option("--by", metavar="WAY", help="stratified, group, time, hash, or one that a plugin adds.")
    ] = "stratified",
    shares: Annotated[str, typer.Option(metavar="A,B,C", help="Shares of train, validation and test.")] = "0.7,0.1,0.2",
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Keep the mix of these labels.  [default: label, if there]"),
    ] = None,
    stratify: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Keep the mix of this column too; may be repeated.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Rows with the same value stay together.", show_default=False)
    ] = None,
    time: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Dates (ISO 8601) or numbers, for --by time.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="A column that already names each row's split.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=100, metavar="K", help="Write K folds of like size instead of three splits."),
    ] = None,
    near: Annotated[
        float | None,
        typer.Option(
            metavar="JACCARD",
            help="Texts at least this similar are near copies; 0 to skip.  [default: 0.8 up to 200,000 rows]",
        ),
    ] = None,
    leaks: Annotated[
        Leaks, typer.Option(help="Copies and groups in two files: stop, leave out those for training, or allow.")
    ] = Leaks.STOP,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Another seed gives another division.")] = 17,
    text: TextColumn = None,
    formulas: FormulasOption = Formulas.KEEP,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_bad_rows: MaxBadRows = 100,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Divide the rows of data files into train, validation and test, or into folds.

    With --by hash a row's file depends on the seed and its own text (or --group) only: no row moves when others are
    added, and files of any size stream by. Exit code 1 when copies or groups would be in two files, with their rows.
    """
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.flow.writers import writable_format
    from seatrial.data.split.files import split_files

    _check_out(out, files, overwrite=overwrite)
    table = open_table(files, encoding, delimiter, file_format)
    ending = _ending(files[0], file_format)
    writable_format(Path(f"a{ending}"))
    if label is None and "label" in table.columns:
        label = "label"
    asked = _section(
        method=by,
        shares=shares,
        stratify=[*(["label"] if label and by in ("stratified", "group") else []), *(stratify or [])],
        group=group,
        time=time,
        column=column,
        folds=folds,
        leaks=leaks.value,
    )
    for option, name in (("--group", group), ("--time", time), ("--column", column), ("--label", label)):
        if name is not None:
            table.column(name, where=option)
    for name in stratify or ():
        table.column(name, where="--stratify")
    with ProgressBars() as bars:
        report = split_files(
            table,
            asked,
            text=table.column(text),
            label=label,
            near=near,
            out=out,
            ending=ending,
            seed=seed,
            all_folds=folds is not None,
            max_bad_rows=max_bad_rows,
            formulas=formulas.value,
            progress=bars,
        )
    _show(report, out, ending, json_output=json_output)


def _section(*, shares: str, **asked: Any) -> Split:
    """The options as the section of a project file, whose mistakes are then told by the options' names."""
    from pydantic import ValidationError

    from seatrial.data.split import SPLITTERS
    from seatrial.spec.data_split import Split

    SPLITTERS.get(asked["method"], where="--by")
    try:
        train, validation, test = map(float, shares.split(","))
    except ValueError:
        raise SpecError(f"{shares!r} is not three shares", where="--shares", expected="such as 0.7,0.1,0.2") from None
    try:
        return Split(train=train, validation=validation, test=test, **asked)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        option = f"--{first['loc'][0]}" if first["loc"] else "--by"
        if option in ("--train", "--validation", "--test") or not 0.999 < train + validation + test < 1.001:
            raise _no_shares(shares, (train, validation, test)) from None
        raise SpecError(first["msg"].removeprefix("Value error, "), where=option) from None


def _no_shares(shares: str, numbers: tuple[float, float, float]) -> SpecError:
    whole = sum(numbers)
    meant = ",".join(f"{number / whole:.4g}" for number in numbers) if min(numbers) > 0 and whole < math.inf else ""
    return SpecError(
        f"{shares!r} is not three shares of 1",
        where="--shares",
        expected="three numbers above 0 that sum to 1",
        hint=f"did you mean --shares {meant}?" if meant else None,
    )


def _ending(file: Path, file_format: str | None) -> str:
    """The ending of the first file, packing included; of a format that was named, its own where the file's differs."""
    from seatrial.data.sources import ENDINGS
    from seatrial.data.sources.unpack import bare_name

    if file_format is not None and ENDINGS.get(Path(bare_name(file.name)).suffix.lower()) != file_format:
        return f".{file_format}"
    parts = file.name.lower().split(".")[1:]
    return "." + ".".join(parts[-2:] if parts and parts[-1] in {"gz", "bz2", "xz"} else parts[-1:])


def _check_out(out: Path, files: list[Path], *, overwrite: bool) -> None:
    if out.exists() and not out.is_dir():
        raise SpecError(f"{out} is a file", where="--out", hint="name a folder")
    if out.is_dir() and any(out.iterdir()) and not overwrite:
        raise SpecError(f"{out} is there already", where="--out", hint="name another folder, or add --overwrite")
    if out.is_dir() and any(file.resolve().is_relative_to(out.resolve()) for file in files):
        raise SpecError(f"{out} holds a file that is read", where="--out", hint="name another folder")


def _show(report: SplitReport, out: Path, ending: str, *, json_output: bool) -> None:
    if json_output:
        write_json({**report.as_dict(), "out": str(out)})
        return
    say(f"{report.rows:,} rows: {sum(report.files.values()):,} written")
    for name, count in report.files.items():
        its = ", ".join(f"{row['label']} {row['count']:,}" for row in report.labels if row["file"] == name)
        say(f"  {out / name}{ending}: {count:,}" + (f" ({its})" if its else ""))
    for row in report.dropped:
        say(f"  left out, {row['step']}: {row['reason']} {row['count']:,}; see {out / 'dropped.jsonl'}")
    for kind, count in report.leaks.items():
        note(f"in more than one file, as allowed: {count:,} of kind {kind}")
    note_formulas(report.formulas, report.escaped)
    if report.near is None:
        note("near copies were not looked for; --near 0.8 does, with all texts in memory")
