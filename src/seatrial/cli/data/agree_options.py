"""The options of `seatrial data agree`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Balance",
    "Consensus",
    "ConsensusOption",
    "ErrorsOption",
    "Item",
    "LabelColumn",
    "Labels",
    "Long",
    "OutOption",
    "Raters",
    "RatingsColumn",
    "Resamples",
    "Rules",
    "Scale",
    "ScaleOption",
    "Seed",
    "Vote",
    "VoteOption",
]


class Scale(StrEnum):
    """What the distance of two ratings means."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


class Vote(StrEnum):
    """What a rating votes for."""

    LABEL = "label"
    SIGN = "sign"


class Consensus(StrEnum):
    """How votes are brought together."""

    MAJORITY = "majority"
    DAWID_SKENE = "dawid-skene"
    ACCURACY = "accuracy"


Raters = Annotated[str | None, typer.Option(metavar="A,B,C", help="The columns of the raters, where each has one.")]
RatingsColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="The column with all ratings of a row: a list, or rater → rating."),
]
Long = Annotated[
    str | None,
    typer.Option(metavar="ITEM,RATER,LABEL", help="The three columns of a file with one rating per row."),
]
Rules = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Rules in YAML that label the texts, instead of raters.")
]
LabelColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="The column with labels: to look for errors in, or to hold rules against."),
]
Labels = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help="What a rating can be, in order.  [default: what occurs]"),
]
VoteOption = Annotated[
    Vote, typer.Option(help="A rating is a label, or a number whose sign votes for one of three --labels.")
]
ScaleOption = Annotated[
    Scale, typer.Option(help="For Krippendorff's alpha: names, ranks in the order of --labels, or numbers.")
]
ConsensusOption = Annotated[
    Consensus | None,
    typer.Option(
        help="How votes are brought together: majority; dawid-skene, by how good each rater is; accuracy, the same "
        "for rules.  [default: majority; accuracy for rules]",
        show_default=False,
    ),
]
Balance = Annotated[
    str | None, typer.Option(metavar="N,N,N", help="For rules: how frequent each label is.  [default: equally]")
]
Item = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column that names a row.  [default: rows are numbered]")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write the rows with consensus and soft labels (.jsonl …)."),
]
ErrorsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the labels that are probably wrong, for review (.jsonl, .csv …)."),
]
Resamples = Annotated[int, typer.Option(min=0, metavar="N", help="Bootstrap resamples; 0 for no intervals.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of resamples and folds.")]
