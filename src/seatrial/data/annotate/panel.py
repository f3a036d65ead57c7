"""The raters of a whole data set, while its rows stream by: their votes are kept, and settle the labels at the end.

With `majority` there is nothing to keep: each row's label is known at once. With `dawid-skene` a label depends on what
its raters say about all other rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seatrial.data.annotate.votes import row_votes
from seatrial.records import Example, Row
from seatrial.spec.data import DataSpec

__all__ = ["Panel"]


class Panel:
    """Everyone who rated.

    Args:
        data: the section of the project file.
        labels: declared label names in order.

    Attributes:
        raters: after `settle`, one row per rater {rater, ratings, accuracy}; empty with `majority`.
    """

    def __init__(self, data: DataSpec, labels: Sequence[str]) -> None:
        self._data = data
        self._labels = tuple(labels)
        self._columns = data.columns.ratings if data.ratings.consensus != "majority" else None
        self._votes: list[tuple[str, str, str]] = []
        self.raters: list[dict[str, Any]] = []

    def hear(self, row: Row, example: Example) -> None:
        """Keep the votes of an example that stays. In a list, a rater is a place in the lists of one source."""
        if self._columns is None:
            return
        votes = row_votes(row.values, self._columns, self._data.ratings.vote, self._labels)
        if isinstance(votes, str):  # nobody rated it; the project says what it is instead
            return
        named = isinstance(self._columns, list) or not all(rater.isdigit() for rater in votes)
        where = "" if named else f"{row.provenance.source}:"
        self._votes += [(example.id, f"{where}{rater}", label) for rater, label in votes.items()]

    def settle(self, examples: Sequence[Example]) -> list[Example]:
        """The examples with the labels and distributions that all raters' votes give; the slice `agreed` stays."""
        if not self._votes:
            return list(examples)
        from seatrial.data.annotate.consensus import consensus
        from seatrial.data.annotate.ratings import ratings_of

        heard = {item for item, _, _ in self._votes}
        rated = [example for example in examples if example.id in heard]
        ratings = ratings_of(self._votes, levels=self._labels, items=[example.id for example in rated])
        self._votes = []
        found = consensus(ratings, self._data.ratings.consensus)
        self.raters = [{name: row[name] for name in ("rater", "ratings", "accuracy")} for row in found.raters]
        settled = {
            example.id: replace(example, label=self._labels[label], distribution=tuple(map(float, shares)))
            for example, label, shares in zip(rated, found.label, found.distribution, strict=True)
        }
        return [settled.get(example.id, example) for example in examples]
