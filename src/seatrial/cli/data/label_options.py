"""The options of `seatrial data label`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Adjudicator",
    "Guidelines",
    "Host",
    "How",
    "HowOption",
    "Item",
    "LabelFiles",
    "Labels",
    "NewLinks",
    "OutOption",
    "PerItem",
    "Port",
    "Raters",
    "ReleaseOption",
    "Seed",
    "StoreOption",
    "WithKeys",
]


class How(StrEnum):
    """How a model's uncertainty is measured."""

    MARGIN = "margin"
    ENTROPY = "entropy"


LabelFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE",
        help="Data files, or one .json of Label Studio.  [default: the items that are in the store]",
        show_default=False,
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help="The possible answers, in order; to begin a store.", show_default=False),
]
Raters = Annotated[
    str | None, typer.Option(metavar="ANN,BOB", help="Who answers; more may be added later.  [default: you]")
]
Adjudicator = Annotated[
    str | None, typer.Option(metavar="EVE", help="Who decides where raters differ.", show_default=False)
]
PerItem = Annotated[
    int | None, typer.Option(min=1, max=100, metavar="K", help="Raters of each item.  [default: the store's, or 1]")
]
StoreOption = Annotated[Path, typer.Option(metavar="FILE", help="Where the answers are kept.")]
Item = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column that names a row.  [default: rows are numbered]")
]
Guidelines = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A text that raters see beside the items.", show_default=False)
]
ReleaseOption = Annotated[
    Path | None,
    typer.Option(metavar="RELEASE", help="Ask first what this release, or that of a project, is least sure of."),
]
HowOption = Annotated[How, typer.Option("--uncertainty", help="How that is measured.")]
Seed = Annotated[int | None, typer.Option(min=0, metavar="N", help="Of the order.  [default: the store's, or 0]")]
Host = Annotated[str, typer.Option(help="Address to listen on; where others can reach it, raters need their links.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
WithKeys = Annotated[bool, typer.Option("--keys", help="Raters need their links on this machine too.")]
NewLinks = Annotated[bool, typer.Option("--new-links", help="Make new links for all; those made before end.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write the answers (.jsonl …; .json for Label Studio) and end."),
]
