"""One text with a label, or without: how rows become examples for every task whose input is a single text.

Refuses to know: models, and what the label is for.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seatrial.data.annotate.votes import row_shares, row_votes
from seatrial.errors import SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec, Ratings

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
        text = row.values[columns.text]
        if not isinstance(text, str):
            return Drop("text is missing" if text is None else "text is not a string", repr(text)[:200], row.provenance)
        slices = {name: str(row.values[name]) for name in data.slices}
        found = _label(row, data, labels)
        if isinstance(found, _Unlabelled):
            return Drop(found.reason, text, row.provenance, undeclared=found.undeclared)
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
    """Why a row has no label that can be used."""

    reason: str
    undeclared: str | None = None


def _label(row: Row, data: DataSpec, labels: Sequence[str]) -> _Label | _Unlabelled:
    columns = data.columns
    if columns.ratings is not None:
        return _rated(row, columns.ratings, data.ratings, labels)
    if columns.distribution is not None:
        shares = row_shares(row.values[columns.distribution], labels)
        return _Unlabelled(shares) if isinstance(shares, str) else _Label(labels[shares.index(max(shares))], shares)
    if columns.label is None:
        return _Label("")
    value = row.values[columns.label]
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    label = "" if missing else str(value).strip()
    if not label:
        return _Unlabelled("label is missing")
    if labels and label not in labels:
        return _Unlabelled(f"label {label!r} is not declared", label)
    return _Label(label)


def _rated(row: Row, columns: str | list[str], spec: Ratings, labels: Sequence[str]) -> _Label | _Unlabelled:
    by_rater = row_votes(row.values, columns, spec.vote, labels)
    if isinstance(by_rater, str):
        return _Unlabelled(by_rater)
    votes = Counter(by_rater.values())
    unknown = min(votes.keys() - set(labels), default=None)
    if unknown is not None:
        return _Unlabelled(f"rating {unknown!r} is not a declared label", unknown)
    counts = [votes[label] for label in labels]
    raters = sum(counts)
    shares = tuple(count / raters for count in counts)
    agreed = "yes" if max(shares) >= spec.agreed else "no"
    return _Label(labels[counts.index(max(counts))], shares, raters, agreed)  # ties go to the label listed first
