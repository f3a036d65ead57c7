"""`seatrial data redact` and `seatrial data unredact`: personal data out of the texts of files, and back in."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note
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
    from seatrial.data.flow.flow import FlowReport
    from seatrial.data.flow.tables import Table
    from seatrial.spec.cleaning import CleaningStep

__all__ = ["redact", "unredact"]

VaultKey = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The file with the vault's key; redact makes one that is not there."),
]
VaultKeyEnv = Annotated[
    str | None, typer.Option(metavar="VARIABLE", help="Instead: the environment variable with the vault's key.")
]
Dropped = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where rows left out go, as JSONL.  [default: beside --out]")
]


class Replace(StrEnum):
    """What stands in the places of personal data."""

    MASK = "mask"
    PSEUDONYM = "pseudonym"
    HASH = "hash"


@guarded
def redact(
    files: Files,
    *,
    out: Out,
    entities: Annotated[
        list[str] | None,
        typer.Option(
            "--entity", metavar="ENTITY", help="What to look for, such as email; may be repeated.  [default: all]"
        ),
    ] = None,
    names_from: Annotated[
        Path | None,
        typer.Option(
            metavar="RELEASE",
            help="Take out what this token-classification release finds, too; or a project that has one.",
            show_default=False,
        ),
    ] = None,
    names_labels: Annotated[
        list[str] | None,
        typer.Option(
            "--names-label",
            metavar="LABEL[=ENTITY]",
            help="A label of that release that counts, such as LOC; may be repeated.  [default: those for people]",
        ),
    ] = None,
    replace: Annotated[
        Replace, typer.Option(help="[EMAIL], a made-up value of the same kind, or a keyed hash.")
    ] = Replace.MASK,
    key_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="The environment variable with the key of the replacements.")
    ] = None,
    vault: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what was taken out here, encrypted, for unredact.")
    ] = None,
    vault_key: VaultKey = None,
    vault_key_env: VaultKeyEnv = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help="en or zh; may be repeated.  [default: both]")
    ] = None,
    regions: Annotated[
        list[str] | None,
        typer.Option(
            "--region", metavar="CODE", help="Whose phone numbers count; may be repeated.  [default: CN TW HK US]"
        ),
    ] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, metavar="SCORE", help="Leave less sure findings.")] = 0.5,
    text: TextColumns = None,
    dropped: Dropped = None,
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
    """Take personal data out of the texts of data files; other columns stay as they are.

    A text that cannot be searched whole goes to the dropped rows, as it was: keep that file as safe as the input.
    """
    dropped = dropped or beside(out, "dropped")
    options: dict[str, Any] = {
        "entities": entities or None,
        "names_from": str(names_from) if names_from else None,
        "names_labels": _labels(names_labels) if names_labels else None,
        "replace": replace.value,
        "key_env": key_env,
        "vault": str(vault) if vault else None,
        "vault_key": str(vault_key) if vault_key else None,
        "vault_key_env": vault_key_env,
        "min_score": min_score,
        **({"languages": languages} if languages else {}),
        **({"regions": regions} if regions else {}),
    }
    _check(out, dropped, [*files, *([vault_key] if vault_key else [])], overwrite=overwrite)
    if vault is not None:
        check_outputs([vault, out, dropped, *([vault_key] if vault_key else [])], files, overwrite=True)
    report = _flow(
        {"redact": options},
        open_table(files, encoding, delimiter, file_format),
        new_key=lambda: _make_key(vault_key, vault, out),
        text=text,
        out=out,
        dropped=dropped,
        formulas=formulas,
        workers=workers,
        max_bad_rows=max_bad_rows,
    )
    show_flow(report, out, dropped, json_output=json_output)


@guarded
def unredact(
    files: Files,
    *,
    out: Out,
    vault: Annotated[Path, typer.Option(metavar="FILE", help="The vault that redact wrote.")],
    vault_key: VaultKey = None,
    vault_key_env: VaultKeyEnv = None,
    text: TextColumns = None,
    dropped: Dropped = None,
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
    """Put back what redact took out of the texts of data files, with its vault."""
    dropped = dropped or beside(out, "dropped")
    options = {
        "vault": str(vault),
        "vault_key": str(vault_key) if vault_key else None,
        "vault_key_env": vault_key_env,
    }
    _check(out, dropped, [*files, vault, *([vault_key] if vault_key else [])], overwrite=overwrite)
    report = _flow(
        {"unredact": options},
        open_table(files, encoding, delimiter, file_format),
        text=text,
        out=out,
        dropped=dropped,
        formulas=formulas,
        workers=workers,
        max_bad_rows=max_bad_rows,
    )
    show_flow(report, out, dropped, json_output=json_output)


def _flow(
    step: dict[str, dict[str, Any]],
    table: Table,
    *,
    new_key: Callable[[], None] = lambda: None,
    text: list[str] | None,
    out: Path,
    dropped: Path,
    formulas: Formulas,
    workers: int | None,
    max_bad_rows: int,
) -> FlowReport:
    """The files through the one step; keys and vault are tried first; a key is made when all else is right."""
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.clean.build import build_cleaners
    from seatrial.data.flow.flow import run_flow
    from seatrial.data.flow.workers import usual_workers
    from seatrial.data.redact.restore import Unredact
    from seatrial.data.redact.step import Redact
    from seatrial.pipeline.release_entities import open_entities_in

    workers = workers or usual_workers()
    open_entities = open_entities_in(Path.cwd(), threads=1 if workers > 1 else None)
    steps: list[CleaningStep] = [
        {name: {option: value for option, value in options.items() if value is not None}}
        for name, options in step.items()
    ]
    built_steps = build_cleaners(steps, where="options", open_entities=open_entities)
    columns = [table.column(name) for name in text] if text else [table.column(None)]
    for built in built_steps:
        if isinstance(built.clean, Redact):
            built.clean.without_vault().check()
    new_key()
    for built in built_steps:
        assert isinstance(built.clean, Redact | Unredact)
        built.clean.check()
    with ProgressBars() as bars:
        return run_flow(
            table,
            steps,
            columns=columns,
            out=out,
            dropped=dropped,
            where="options",
            workers=workers,
            max_bad_rows=max_bad_rows,
            formulas=formulas.value,
            open_entities=open_entities,
            progress=bars,
        )


def _labels(given: list[str]) -> dict[str, str]:
    """Label of a release → what it is called here."""
    from seatrial.data.redact.by_model import usual_entity

    parts = [one.partition("=") for one in given]
    return {label: entity if mark else usual_entity(label) for label, mark, entity in parts}


def _check(out: Path, dropped: Path, inputs: list[Path], *, overwrite: bool) -> None:
    from seatrial.data.flow.writers import writable_format

    writable_format(out)
    check_outputs([out, dropped], inputs, overwrite=overwrite)


def _make_key(key: Path | None, vault: Path | None, out: Path) -> None:
    """A key for a new vault, where the file that is named is not there; never beside the data."""
    from seatrial.data.redact.keys import new_key_file

    if key is None or vault is None or key.exists() or vault.exists():
        return
    if key.resolve().parent in (vault.resolve().parent, out.resolve().parent):
        raise SpecError(
            "a new key would lie beside the data that it protects", where="--vault-key", hint="name another folder"
        )
    new_key_file(key)
    note(f"a new key was written to {key}; without it the vault cannot be opened")
