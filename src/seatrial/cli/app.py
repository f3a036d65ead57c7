"""The `seatrial` command: its sub-commands and nothing else."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from seatrial import __version__
from seatrial.cli.bench import bench
from seatrial.cli.chat import chat
from seatrial.cli.data import data
from seatrial.cli.doctor import doctor
from seatrial.cli.init import init
from seatrial.cli.keys import keys
from seatrial.cli.plan import plan
from seatrial.cli.predict import predict
from seatrial.cli.report import report
from seatrial.cli.run import run
from seatrial.cli.schema import schema
from seatrial.cli.serve import serve
from seatrial.cli.tokenizer import tokenizer
from seatrial.cli.usage import JsonUsageGroup

__all__ = ["app", "main"]

app = typer.Typer(
    name="seatrial",
    cls=JsonUsageGroup,
    help="From a written requirement to an accepted, served language model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before the command."""


for command in (init, doctor, schema, plan, run, report, predict, serve, chat):
    app.command()(command)
app.add_typer(data)
app.add_typer(keys)
app.add_typer(bench)
app.add_typer(tokenizer)


def main() -> None:
    """Entry point of the `seatrial` program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without ≥ must not end a run of minutes
    app()
