"""`seatrial data`: each step from raw files to a data set by itself, one module per verb.

The project file does the same steps within `seatrial run`; here they are for looking at data and for files that go
elsewhere. Every verb writes its outputs whole or not at all.
"""

from __future__ import annotations

import typer

from seatrial.cli.data.agree import agree
from seatrial.cli.data.augment import augment
from seatrial.cli.data.clean import clean
from seatrial.cli.data.dedupe import dedupe
from seatrial.cli.data.diff import diff
from seatrial.cli.data.inspect import inspect
from seatrial.cli.data.label import label
from seatrial.cli.data.redact import redact, unredact
from seatrial.cli.data.split import split

__all__ = ["data"]

data = typer.Typer(
    name="data",
    help="Look at data files, clean them, and make data sets of them, step by step.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for verb in (agree, augment, clean, dedupe, diff, inspect, label, redact, split, unredact):
    data.command()(verb)
