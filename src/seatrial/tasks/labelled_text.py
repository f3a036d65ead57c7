"""One text with a label, or without: how rows become examples for every task whose input is a single text.

Refuses to know: models, and what the label is for.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seatrial.errors import SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

__all__ = ["LabelledText"]


class LabelledText:
    """The methods of a task that `prepare` asks; see `seatrial.tasks.base.Task`.

    Attributes:
        needs_labels: whether every row must have a label or ratings.
    """

    needs_labels: bool

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        columns = data.columns
        given = [column for column in (columns.label, columns.ratings) if column is not None]
        if len(given) > 1 or (self.needs_labels and not given):
            raise SpecError(
                "name the column that holds the label, or the one that holds the ratings",
                where="data.columns",
                expected=f"{'exactly' if self.needs_labels else 'at most'} one of label and ratings",
            )
        own = (columns.id,) if columns.id else ()
        return (columns.text, *given, *data.slices, *own, *data.split.columns)

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        return (*data.slices, "agreed") if data.columns.ratings else tuple(data.slices)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        columns = data.columns
        text = row.values[columns.text]
        if not isinstance(text, str):
            return Drop("text is missing" if text is None else "text is not a string", repr(text)[:200], row.provenance)
        slices = {name: str(row.values[name]) for name in data.slices}
        distribution: tuple[float, ...] | None = None
        raters, label = None, ""
        if columns.ratings is not None:
            votes = _votes(row.values[columns.ratings], data.ratings.vote, labels)
            if isinstance(votes, str):
                return Drop(votes, text, row.provenance)
            unknown = min(votes.keys() - set(labels), default=None)
            if unknown is not None:
                reason = f"rating {unknown!r} is not a declared label"
                return Drop(reason, text, row.provenance, undeclared=unknown)
            counts = [votes[label] for label in labels]
            raters = sum(counts)
            distribution = tuple(count / raters for count in counts)
            label = labels[counts.index(max(counts))]  # ties go to the label listed first
            slices["agreed"] = "yes" if max(distribution) >= data.ratings.agreed else "no"
        elif columns.label is not None:
            value = row.values[columns.label]
            missing = value is None or (isinstance(value, float) and math.isnan(value))
            label = "" if missing else str(value).strip()
            if not label:
                return Drop("label is missing", text, row.provenance)
            if labels and label not in labels:
                return Drop(f"label {label!r} is not declared", text, row.provenance, undeclared=label)
        key = row.values[columns.id] if columns.id else row.provenance.row
        digest = hashlib.sha256(f"{row.provenance.source}\0{key}".encode()).hexdigest()[:16]
        return Example(digest, {"text": text}, label, row.provenance, distribution, raters, slices)

    def text(self, example: Example) -> str:
        return example.inputs["text"]

    def with_text(self, example: Example, text: str) -> Example:
        return replace(example, inputs={"text": text})


def _votes(value: Any, vote: str, labels: Sequence[str]) -> Counter[str] | str:
    """Votes per label from a cell of ratings, or the reason why it gives none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "ratings are not a JSON list"
    if not isinstance(value, (list, tuple)) or not value:
        return "ratings are missing"
    if vote == "label":
        return Counter(map(str, value))
    if len(labels) != 3:
        raise SpecError(
            f"the sign of a rating gives three labels, the project declares {len(labels)}",
            where="labels",
            expected="the names for below zero, zero and above zero, in this order",
        )
    if not all(isinstance(rating, (int, float)) and not math.isnan(rating) for rating in value):
        return "a rating is not a number"
    return Counter(labels[1 + (rating > 0) - (rating < 0)] for rating in value)
