"""`seatrial tokenizer`: train a tokenizer, compare tokenizers on texts, add tokens to that of a model."""

from __future__ import annotations

import typer

from seatrial.cli.tokenizer.extend import extend
from seatrial.cli.tokenizer.report import report
from seatrial.cli.tokenizer.train import train

__all__ = ["tokenizer"]

tokenizer = typer.Typer(
    name="tokenizer",
    help="Train a tokenizer, compare tokenizers on texts, add tokens to that of a model.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for verb in (extend, report, train):
    tokenizer.command()(verb)
