"""`seatrial data augment`: more training rows from training rows, and whether that helps a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import check_outputs, open_table
from seatrial.cli.data.flow_report import note_formulas
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    Formulas,
    FormulasOption,
    MaxBadRows,
    Overwrite,
    TextColumn,
)
from seatrial.cli.options import Debug, Json, Set
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from seatrial.data.augment.base import EncoderWords
    from seatrial.progress import Progress
    from seatrial.records import Interval, Report
    from seatrial.spec.data_augment import Augmentation

__all__ = ["augment"]


@guarded
def augment(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE|PROJECT", help="Training data, or with --compare a project.", show_default=False),
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file for all rows, old and new.")
    ] = None,
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            metavar="STEP",
            help="A way to augment, such as typos or '{method: typos, share: 0.3, options: {rate: 0.2}}'; may be"
            " repeated.",
        ),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Train the project with and without augmentation; compare on validation.")
    ] = False,
    each: Annotated[bool, typer.Option("--each", help="With --compare: each step by itself too.")] = False,
    seeds: Annotated[int, typer.Option(min=1, max=20, metavar="N", help="With --compare: trainings of each way.")] = 3,
    examples: Annotated[
        int | None,
        typer.Option(min=10, metavar="N", help="With --compare: start from so many training examples.  [default: all]"),
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Validation and test data: nothing like it is made; may be repeated."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the label.  [default: label, if there]")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(metavar="MODEL", help="For synonyms and masked-words: a model folder or package:…")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed makes the same rows.")] = 17,
    text: TextColumn = None,
    formulas: FormulasOption = Formulas.KEEP,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_bad_rows: MaxBadRows = 100,
    overwrite: Overwrite = False,
    overrides: Set = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Make further training rows from training rows; the columns augmented and augmented_from say which and how.

    With --compare, train a project with its data.augment (or the steps named here) and without, and say what that is
    worth on validation, with an interval. The test split is not looked at.
    """
    if compare:
        if len(files) != 1:
            raise SpecError("one project at a time", where="--compare", hint="name a project folder")
        if files[0].is_file() and files[0].suffix.lower() not in (".yaml", ".yml"):
            raise SpecError(
                f"{files[0]} is a data file",
                where="--compare",
                expected="a project, which says what is trained and measured",
                hint=f"make one with `seatrial init NAME --data {files[0]}`, or leave out --compare",
            )
        _compare(files[0], steps, each, seeds, examples=examples, overrides=overrides or [], json_output=json_output)
        return
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.augment.files import augment_files
    from seatrial.data.flow.writers import writable_format

    if files[0].is_dir():
        raise SpecError(f"{files[0]} is a folder", where="FILE", hint="name data files, or add --compare for a project")
    if out is None or not steps:
        missing = "--out" if out is None else "--step"
        raise SpecError("is needed", where=missing, hint="such as --out more.csv --step typos")
    writable_format(out)
    check_outputs([out], [*files, *(held_out or [])], overwrite=overwrite)
    table = open_table(files, encoding, delimiter, file_format)
    if label is None and "label" in table.columns:
        label = "label"
    with ProgressBars() as bars:
        report = augment_files(
            table,
            _steps(steps),
            text=table.column(text),
            label=table.column(label, where="--label") if label else None,
            out=out,
            held_out=open_table(held_out, encoding, delimiter, file_format) if held_out else None,
            seed=seed,
            encoder=_encoder(encoder, seed, bars) if encoder else None,
            max_bad_rows=max_bad_rows,
            formulas=formulas.value,
            progress=bars,
        )
    if json_output:
        write_json({**report.as_dict(), "out": str(out)})
        return
    say(f"{report.rows:,} rows, and {report.made:,} made from them")
    if report.bad_rows:
        note(f"left out: {report.bad_rows:,} rows that cannot be read")
    for row in report.table:
        say(f"  {row['method']}: {row['label'] or 'rows'} {row['made']:,}")
    for row in report.left_out:
        say(f"  {row['method']}: not made, {row['reason']} {row['count']:,}")
    note_formulas(report.formulas, report.escaped)
    say(f"written: {out}")


def _steps(steps: Sequence[str]) -> list[Augmentation]:
    """Steps as they are typed: a method's name, or a line of YAML.

    Raises:
        SpecError: one is neither.
    """
    import yaml
    from pydantic import ValidationError

    from seatrial.spec.data_augment import Augmentation
    from seatrial.spec.mistakes import describe

    found = []
    for step in steps:
        try:
            read = yaml.safe_load(step)
            found.append(Augmentation.model_validate({"method": read} if isinstance(read, str) else read))
        except yaml.YAMLError:
            raise _no_step(step) from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            if not first["loc"] and first["type"] != "value_error":
                raise _no_step(step) from None
            mistake = describe(Augmentation, first["loc"], first["type"], first["msg"], first["input"])
            place = ".".join(["--step", *map(str, first["loc"])])
            raise SpecError(mistake.message, where=place, expected=mistake.expected, hint=mistake.hint) from None
    return found


def _no_step(step: str) -> SpecError:
    return SpecError(
        f"{step!r} is no way to augment", where="--step", expected="a name, or '{method: typos, share: 0.3}'"
    )


def _encoder(reference: str, seed: int, progress: Progress) -> Callable[[Sequence[str]], EncoderWords]:
    from seatrial.pipeline.encoder_words import BaseModelWords
    from seatrial.spec.training import ModelSpec

    model = ModelSpec(base=reference)
    return lambda texts: BaseModelWords(model, Path.cwd(), texts, seed=seed, progress=progress)


def _compare(
    project: Path,
    steps: list[str] | None,
    each: bool,
    seeds: int,
    *,
    examples: int | None,
    overrides: list[str],
    json_output: bool,
) -> None:
    from seatrial.cli.share_cores import share_cores

    share_cores()
    import tempfile

    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.augment.build import build_methods
    from seatrial.pipeline.augment_trial import augmentation_trial
    from seatrial.pipeline.preflight import preflight
    from seatrial.spec.load import find_project, load_spec

    found = find_project(project)
    spec = load_spec(found.file, overrides)
    asked = _steps(steps) if steps else list(spec.data.augment)
    if not asked:
        raise SpecError(
            "there is no augmentation to compare",
            where="data.augment",
            hint="add steps there, or name them with --step",
        )
    build_methods(asked, where="--step" if steps else "data.augment")
    preflight(spec)
    ways = {"with augmentation": asked}
    if each and len(asked) > 1:
        ways |= {f"{place}. {step.method}": [step] for place, step in enumerate(asked, start=1)}
    with tempfile.TemporaryDirectory(prefix="seatrial-") as work, ProgressBars() as bars:
        report = augmentation_trial(
            spec,
            found.root,
            ways,
            seeds=[spec.seed + number for number in range(seeds)],
            train_examples=examples,
            work=Path(work),
            progress=bars,
        )
    if json_output:
        write_json(report.as_dict())
    else:
        _show(report)


def _show(report: Report) -> None:
    facts = report.facts
    say(f"{facts['train']:,} training examples, {facts['validation']:,} on validation, seeds {facts['seeds']}")
    for m in report.measurements:
        if m.over is None:
            around = f"  [{m.interval.low:.4f}, {m.interval.high:.4f}]" if m.interval else ""
            say(f"{m.system}: {m.metric} {m.value:.4f}{around}")
        else:
            around = f"  [{m.interval.low:+.4f}, {m.interval.high:+.4f}]: {_word(m.interval)}" if m.interval else ""
            say(f"  over {m.over}: {m.value:+.4f}{around}")
    for row in report.tables["seeds"]:
        say(f"  seed {row['seed']}, {row['way']}: {row['value']:.4f}")


def _word(interval: Interval) -> str:
    """What an interval of a difference says, and no more."""
    return "helps" if interval.low > 0 else "harms" if interval.high < 0 else "no difference shown"
