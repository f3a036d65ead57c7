"""Rows of a table → single votes, in the three shapes people keep ratings in. An empty cell is no vote.

    wide     one column per rater                         text, ann, bob, eve
    list     one column with every rating of the row      text, [2, -1, 0]  or  {"ann": 2, "bob": -1}
    long     one row per rating                           item, rater, label

Refuses to know: files, and what the votes are for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from seatrial.data.annotate.ratings import Vote, as_number
from seatrial.data.cells import is_gap
from seatrial.errors import DataError, SpecError
from seatrial.records import Row
from seatrial.registry import did_you_mean

__all__ = ["NO_RATINGS", "NO_SHARES", "VoteKind", "as_label", "long_votes", "row_shares", "row_votes", "table_votes"]

VoteKind = Literal["sign", "label"]
NO_RATINGS = "ratings are missing"
NO_SHARES = "distribution is missing"
"""Reasons that say nothing is wrong, only that nothing is there."""


def row_votes(
    values: Mapping[str, Any], columns: str | Sequence[str], kind: VoteKind, labels: Sequence[str]
) -> dict[str, str] | str:
    """The votes within one row, of a wide table or one with a list column.

    Args:
        values: the row.
        columns: the names of the raters' columns, or the name of the one column that holds a JSON list, a list, or a
            mapping from rater to rating. Raters of a list are called by their place in it, from 1.
        kind: `label`, each rating is a label; `sign`, the sign of a number votes for one of three labels.
        labels: what each vote may be, or empty for anything; three names for `sign`.

    Returns:
        Rater → label, or the reason why there is none.

    Raises:
        SpecError: `sign` without three labels.
    """
    if kind == "sign" and len(labels) != 3:
        raise SpecError(
            f"the sign of a rating gives three labels, the project declares {len(labels)}",
            where="labels",
            expected="the names for below zero, zero and above zero, in this order",
        )
    if isinstance(columns, str):
        ratings = _listed(values.get(columns))
        if isinstance(ratings, str):
            return ratings
    else:
        ratings = {name: values[name] for name in columns if not _is_missing(values.get(name))}
    votes: dict[str, str] = {}
    for rater, rating in ratings.items():
        if _is_missing(rating):
            continue
        if kind == "sign":
            number = as_number(str(rating)) if not isinstance(rating, bool) else None
            if number is None:
                return "a rating is not a number"
            votes[rater] = labels[1 + (number > 0) - (number < 0)]
        else:
            votes[rater] = _as_level(rating)
    return votes or NO_RATINGS


def row_shares(cell: Any, labels: Sequence[str]) -> tuple[float, ...] | str:
    """A cell with shares per label → shares in the order of the labels that sum to 1, or the reason why there are none.

    Args:
        cell: a mapping from label to a number of at least 0, or such a mapping as JSON; a label that it lacks has 0.
        labels: the labels in order.
    """
    if _is_missing(cell):
        return NO_SHARES
    shares = _parsed(cell)
    if not isinstance(shares, Mapping):
        return "the distribution is no mapping from label to share"
    unknown = min((name for name, share in shares.items() if share and name not in labels), default=None)
    if unknown is not None:
        return f"{unknown!r} in the distribution is not a declared label"
    found = [shares.get(label) or 0 for label in labels]
    if not all(isinstance(share, (int, float)) and 0 <= share < math.inf for share in found) or not sum(found) > 0:
        return "the shares of a distribution are not numbers of at least 0, or all are 0"
    return tuple(float(share / sum(found)) for share in found)


def table_votes(
    rows: Iterable[Row],
    columns: str | Sequence[str],
    *,
    item: str | None,
    kind: VoteKind,
    labels: Sequence[str] = (),
    refuse: Callable[[Row, str], None] | None = None,
) -> Iterator[Vote]:
    """The votes of a table whose rows are items; a row without any is left out.

    Args:
        rows: the table.
        columns: as in `row_votes`.
        item: the column that names the item; when None, rows are numbered from 1, across files.
        kind: as in `row_votes`.
        labels: as in `row_votes`.
        refuse: told of a row whose ratings cannot be read, and why; None raises then.

    Raises:
        DataError: no row has one of the columns, an item has no name, or ratings cannot be read.
        SpecError: `sign` without three labels.
    """
    wanted = [columns] if isinstance(columns, str) else list(columns)
    seen = _Seen(wanted)
    for number, row in enumerate(rows, start=1):
        _require([item] if item else [], row)
        seen.look(row)
        votes = row_votes(row.values, columns, kind, labels)
        if isinstance(votes, str):
            if votes == NO_RATINGS:
                continue
            if refuse is None:
                raise DataError(votes, where=_place(row), hint="correct the row, or leave it out")
            refuse(row, votes)
            continue
        name = _as_level(row.values[item]) if item else str(number)
        yield from ((name, rater, level) for rater, level in votes.items())
    seen.check()


def long_votes(rows: Iterable[Row], *, item: str, rater: str, label: str) -> Iterator[Vote]:
    """The votes of a table whose rows are single ratings; a row without a label is left out.

    Args:
        rows: the table.
        item: the column that names the item.
        rater: the column that names the rater.
        label: the column with the rating.

    Raises:
        DataError: a column is missing, or a rating has no item or rater.
    """
    for row in rows:
        _require([item, rater, label], row)
        if _is_missing(row.values[label]):
            continue
        for column in (item, rater):
            if _is_missing(row.values[column]):
                raise DataError(f"a rating without {column}", where=_place(row), hint="fill it in, or remove the row")
        yield _as_level(row.values[item]), _as_level(row.values[rater]), _as_level(row.values[label])


def as_label(cell: Any) -> str | None:
    """The label in a cell, or None for an empty one."""
    return None if _is_missing(cell) else _as_level(cell)


def _listed(cell: Any) -> Mapping[str, Any] | str:
    if _is_missing(cell):
        return NO_RATINGS
    if isinstance(cell, str):
        cell = _parsed(cell)
        if cell is None:
            return "ratings are not a JSON list"
    if isinstance(cell, Mapping):
        return cell or NO_RATINGS
    if not isinstance(cell, (list, tuple)) or not cell:
        return NO_RATINGS
    return {str(place): rating for place, rating in enumerate(cell, start=1)}


def _parsed(cell: Any) -> Any:
    """The value of a cell with JSON in it; None for one without. Parquet gives the gaps of a mapping as None."""
    if not isinstance(cell, str):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return None


def _is_missing(rating: Any) -> bool:
    return is_gap(rating) or (isinstance(rating, str) and not rating.strip())


def _as_level(rating: Any) -> str:
    """A column with gaps often comes as floats: 1.0 is the label 1."""
    if isinstance(rating, float) and rating.is_integer():
        return str(int(rating))
    return str(rating).strip()


class _Seen:
    """Rows of JSON lack what they have no value for; a column that no row has is a wrong name."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._missing = dict.fromkeys(columns)
        self._first: Row | None = None

    def look(self, row: Row) -> None:
        if self._missing:
            self._first = self._first or row
            for name in [name for name in self._missing if name in row.values]:
                del self._missing[name]

    def check(self) -> None:
        """Raises DataError where a column was in no row."""
        if self._first is not None:
            _require([*self._missing], self._first)


def _require(columns: Sequence[str], row: Row) -> None:
    for name in columns:
        if name not in row.values:
            raise DataError(
                f"there is no column {name!r}",
                where=_place(row),
                expected="one of " + ", ".join(map(repr, list(row.values)[:50])),
                hint=did_you_mean(name, [*row.values]),
            )


def _place(row: Row) -> str:
    return f"{row.provenance.source}, row {row.provenance.row}"
