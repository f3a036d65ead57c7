"""Consensus, weak labels and probable errors → rows of a file that a project or a person reads next.

Refuses to know: how any of them was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.label_errors import LabelIssue
from seatrial.errors import SpecError

__all__ = ["ADDED", "issue_rows", "labelled_rows", "refuse_clash"]

ADDED = ("consensus", "distribution", "votes")
"""The columns that `labelled_rows` adds: the likeliest label, the share per label, how many spoke."""


def labelled_rows(
    rows: Iterable[Mapping[str, Any]],
    distribution: NDArray[np.float64],
    votes: NDArray[np.float64],
    levels: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """The rows about which somebody said something, with three columns more.

    Args:
        rows: one per row of `distribution`, in the same order.
        distribution: how likely each label is, [n, k].
        votes: how many spoke about each, [n].
        levels: the labels in order.
    """
    for row, shares, count in zip(rows, distribution, votes, strict=True):
        if count:
            soft = {level: round(float(share), 6) for level, share in zip(levels, shares, strict=True)}
            yield {**row, "consensus": levels[int(shares.argmax())], "distribution": soft, "votes": int(count)}


def issue_rows(issues: Iterable[LabelIssue], ids: Sequence[str], texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The review list: one row per probable error, the most suspicious first.

    Args:
        issues: what was found.
        ids: what each text is called.
        texts: the texts.
    """
    for issue in issues:
        yield {
            "id": ids[issue.index],
            "text": texts[issue.index],
            "given": issue.given,
            "suggested": issue.suggested,
            "score": round(issue.score, 6),
            "suggested_score": round(issue.suggested_score, 6),
        }


def refuse_clash(columns: Iterable[str]) -> None:
    """Raise SpecError where the data has a column of the name of one that would be added."""
    for name in columns:
        if name in ADDED:
            raise SpecError(
                f"the data already has a column {name!r}",
                where="--out",
                hint="rename it first: a column of this name would be added",
            )
