"""One text with a label, or without: how rows become examples for every task whose input is a single text.

Refuses to know: models, and what the label is for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seatrial.data.annotate.votes import NO_RATINGS, NO_SHARES, row_shares, row_votes
from seatrial.data.cells import is_gap
from seatrial.errors import SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec, Ratings
from seatrial.tasks.row_text import row_text

__all__ = ["LabelledText"]


class LabelledText:
    """The methods of a task that `prepare` asks; see `seatrial.tasks.base.Task`.

    Attributes:
        needs_labels: whether every row must have a label or ratings.
    """

    needs_labels: bool

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        columns = data.columns
        given = [column for column in (columns.label, columns.ratings, columns.distribution) if column is not None]
        if len(given) > 1 or (self.needs_labels and not given):
            raise SpecError(
                "name the column that holds the label, or the one that holds the ratings",
                where="data.columns",
                expected=f"{'exactly' if self.needs_labels else 'at most'} one of label, ratings and distribution",
            )
        if self.needs_labels and data.missing.label == "keep":
            raise SpecError(
                "this task learns from labels, and cannot keep a row without one",
                where="data.missing.label",
                expected="drop, error or {fill: LABEL}",
                hint="leave missing.label out, or let rules label such rows with data.rules",
            )
        if not self.needs_labels and data.rules is not None:
            raise SpecError("this task learns from no labels", where="data.rules", hint="leave the rules out")
        given = [name for column in given for name in ([column] if isinstance(column, str) else column)]
        own = (columns.id,) if columns.id else ()
        return (columns.text, *given, *data.slices, *own, *data.split.columns)

    def labelled(self, data: DataSpec) -> bool:
        columns = data.columns
        return any(column is not None for column in (columns.label, columns.ratings, columns.distribution))

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        return (*data.slices, "agreed") if data.columns.ratings else tuple(data.slices)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        columns = data.columns
        text = row_text(row, data)
        if isinstance(text, Drop):
            return text
        slices = {name: str(row.values[name]) for name in data.slices}
        found = _label(row, data, labels)
        if isinstance(found, _Unlabelled) and found.missing:
            found = _instead(data) or found
        if isinstance(found, _Unlabelled):
            drop = Drop(found.reason, text, row.provenance, undeclared=found.undeclared)
            return replace(drop, missing="label") if found.missing else drop
        if found.agreed is not None:
            slices["agreed"] = found.agreed
        key = row.values[columns.id] if columns.id else row.provenance.row
        digest = hashlib.sha256(f"{row.provenance.source}\0{key}".encode()).hexdigest()[:16]
        return Example(digest, {"text": text}, found.label, row.provenance, found.distribution, found.raters, slices)

    def text(self, example: Example) -> str:
        return example.inputs["text"]

    def with_text(self, example: Example, text: str) -> Example:
        return replace(example, inputs={"text": text})


@dataclass(frozen=True, slots=True)
class _Label:
    """What a row says about its label; `agreed` is None where it does not say how votes fell."""

    label: str
    distribution: tuple[float, ...] | None = None
    raters: int | None = None
    agreed: str | None = None


@dataclass(frozen=True, slots=True)
class _Unlabelled:
    """Why a row has no label that can be used; `missing` where nothing stands there."""

    reason: str
    undeclared: str | None = None
    missing: bool = False


def _instead(data: DataSpec) -> _Label | None:
    """What a row has in place of a missing label; an empty one where it stays without, or rules will give it one."""
    filling = data.missing.filling("label")
    if filling is None and data.missing.label != "keep" and data.rules is None:
        return None
    return _Label(filling or "", agreed="no" if data.columns.ratings else None)  # nobody has agreed on it


def _label(row: Row, data: DataSpec, labels: Sequence[str]) -> _Label | _Unlabelled:
    columns = data.columns
    if columns.ratings is not None:
        return _rated(row, columns.ratings, data.ratings, labels)
    if columns.distribution is not None:
        return _shared(row.values[columns.distribution], labels)
    if columns.label is None:
        return _Label("")
    value = row.values[columns.label]
    label = "" if is_gap(value) else str(value).strip()
    if not label:
        return _Unlabelled("label is missing", missing=True)
    if labels and label not in labels:
        return _Unlabelled(f"label {label!r} is not declared", label)
    return _Label(label)


def _shared(cell: Any, labels: Sequence[str]) -> _Label | _Unlabelled:
    shares = row_shares(cell, labels)
    if isinstance(shares, str):
        return _Unlabelled(shares, missing=shares == NO_SHARES)
    return _Label(labels[shares.index(max(shares))], shares)


def _rated(row: Row, columns: str | list[str], spec: Ratings, labels: Sequence[str]) -> _Label | _Unlabelled:
    by_rater = row_votes(row.values, columns, spec.vote, labels)
    if isinstance(by_rater, str):
        return _Unlabelled(by_rater, missing=by_rater == NO_RATINGS)
    votes = Counter(by_rater.values())
    unknown = min(votes.keys() - set(labels), default=None)
    if unknown is not None:
        return _Unlabelled(f"rating {unknown!r} is not a declared label", unknown)
    counts = [votes[label] for label in labels]
    raters = sum(counts)
    shares = tuple(count / raters for count in counts)
    agreed = "yes" if max(shares) >= spec.agreed else "no"
    return _Label(labels[counts.index(max(counts))], shares, raters, agreed)  # ties go to the label listed first
