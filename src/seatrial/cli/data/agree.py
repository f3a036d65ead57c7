"""`seatrial data agree`: how far raters agree, how good each is, what they or rules say together, what looks wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.agree_options import (
    Balance,
    ConsensusOption,
    ErrorsOption,
    Item,
    LabelColumn,
    Labels,
    Long,
    OutOption,
    Raters,
    RatingsColumn,
    Resamples,
    Rules,
    Scale,
    ScaleOption,
    Seed,
    Vote,
    VoteOption,
)
from seatrial.cli.data.files import check_outputs, open_table
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
    from seatrial.cli.data.agree_work import Asked, Done

__all__ = ["agree"]


@guarded
def agree(
    files: Files,
    *,
    raters: Raters = None,
    ratings: RatingsColumn = None,
    long: Long = None,
    rules: Rules = None,
    label: LabelColumn = None,
    labels: Labels = None,
    vote: VoteOption = Vote.LABEL,
    scale: ScaleOption = Scale.NOMINAL,
    consensus: ConsensusOption = None,
    balance: Balance = None,
    text: TextColumn = None,
    item: Item = None,
    out: OutOption = None,
    errors: ErrorsOption = None,
    resamples: Resamples = 1000,
    formulas: FormulasOption = Formulas.KEEP,
    seed: Seed = 0,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    workers: Workers = None,
    max_bad_rows: MaxBadRows = 100,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Show how far raters agree; weigh them; label by rules; list labels that are probably wrong.

    Name the ratings with --raters, --ratings or --long, or rules with --rules, or labels alone with --label and
    --errors. An empty cell is no rating.
    """
    from seatrial.cli.data.agree_work import Asked, by_label, by_raters, by_rules
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.flow.workers import usual_workers

    shape = _shape({"--raters": raters, "--ratings": ratings, "--long": long, "--rules": rules}, label, errors)
    _check_outputs(out, errors, files, overwrite=overwrite)
    asked = Asked(
        open_table(files, encoding, delimiter, file_format),
        columns=_names(raters, "--raters") if ratings is None else ratings,
        long=_names(long, "--long"),
        rules=rules,
        label=label,
        labels=_names(labels, "--labels"),
        vote=vote.value,
        scale=scale.value,
        consensus=consensus.value if consensus else None,
        balance=[_share(number) for number in _names(balance, "--balance")] or None,
        text=text,
        item=item,
        out=out,
        errors=errors,
        resamples=resamples,
        seed=seed,
        workers=workers or usual_workers(),
        max_bad_rows=max_bad_rows,
        formulas=formulas.value,
    )
    work = {"--label": by_label, "--rules": by_rules}.get(shape, by_raters)
    with ProgressBars() as bars:
        done = work(asked, bars)
    _show(asked, done, json_output=json_output)


def _check_outputs(out: Path | None, errors: Path | None, files: list[Path], *, overwrite: bool) -> None:
    from seatrial.data.flow.writers import writable_format

    outputs = [file for file in (out, errors) if file is not None]
    if out is not None and out == errors:
        raise SpecError(f"{out} is named for two outputs", where="--errors", hint="give them different names")
    for file in outputs:
        writable_format(file)
    check_outputs(outputs, files, overwrite=overwrite)


def _show(asked: Asked, done: Done, *, json_output: bool) -> None:
    files: dict[str, Any] = {"out": str(asked.out) if asked.out else None}
    files["errors_file"] = str(asked.errors) if asked.errors else None
    if json_output:
        write_json({"formulas": 0, "escaped": 0, **done.found, "read_as": asked.table.read_as, **files})
        return
    if done.shown:
        say(done.shown)
    for remark in done.remarks:
        note(remark)
    if asked.out:
        say(f"{done.found['labelled']:,} rows with consensus and distribution written: {asked.out}")
    if asked.errors:
        counts = f"{done.found['issues']:,} of {done.found['examined']:,} labels"
        say(f"{counts} are probably wrong, listed in {asked.errors}")
    note_formulas(done.found.get("formulas", 0), done.found.get("escaped", 0))


def _shape(given: dict[str, Any], label: str | None, errors: Path | None) -> str:
    """Which of the options says where the votes are."""
    named = [option for option, value in given.items() if value is not None]
    if len(named) > 1:
        raise SpecError("votes are named twice", where=named[1], hint=f"give {named[0]} or {named[1]}, not both")
    if named and label and named[0] != "--rules":
        raise SpecError("labels are named beside ratings", where="--label", hint="leave one of them out")
    if named == ["--rules"] and errors:
        raise SpecError(
            "looks at labels that people gave, not at those of rules",
            where="--errors",
            hint="leave it out, or name the labels with --label and leave out --rules",
        )
    if named:
        return named[0]
    if label and errors:
        return "--label"
    raise SpecError(
        "it is not said where the ratings are",
        where="--raters",
        expected="one of --raters, --ratings, --long and --rules; or --label with --errors",
    )


def _names(text: str | None, where: str) -> list[str]:
    names = [name.strip() for name in text.split(",")] if text is not None else []
    if text is not None and not all(names):
        raise SpecError(f"{text!r} has an empty name", where=where, hint="part names by single commas")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        if where != "--balance":
            raise SpecError(f"{twice!r} is named twice", where=where)
    if where == "--long" and names and len(names) != 3:
        raise SpecError(f"{text!r} names {len(names)} column(s)", where=where, expected="three: item,rater,label")
    return names


def _share(number: str) -> float:
    try:
        return float(number)
    except ValueError:
        raise SpecError(f"{number!r} is no number", where="--balance", expected="one number per label") from None
