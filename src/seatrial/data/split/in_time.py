"""Train before validation before test: does a model of the past hold for what came later?"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.split.keys import SplitKey
from seatrial.errors import DataError
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["assign_by_time"]


def assign_by_time(
    examples: Sequence[Example],
    keys: Sequence[SplitKey],
    clusters: Sequence[Sequence[int]],
    split: Split,
    seed: int,
) -> list[str]:
    """Cut twice between two different times, as near to the shares as these allow; see `Splitter`.

    The seed and near copies change nothing: time alone decides, and what leaks is found afterwards.

    Raises:
        DataError: dates and plain numbers are mixed, or there are fewer than three different times.
    """
    times = [key.time for key in keys]
    kinds = {time.number for time in times if time is not None}
    if len(kinds) > 1:
        raise DataError(
            f"the column {split.time!r} has dates in some rows and plain numbers in others",
            where="data.split.time",
            expected="one of the two, so that rows have an order",
            hint="write all of them as ISO 8601, such as 2024-05-31",
        )
    values = [time.value for time in times if time is not None]
    if len(set(values)) < 3:
        raise DataError(
            f"the column {split.time!r} has {len(set(values))} different time(s)",
            where="data.split.time",
            expected="at least three, one for each split",
            hint="choose a finer column, or another method",
        )
    ordered = sorted(values)
    # Places where a later time begins; a cut anywhere else would part rows of the same time.
    edges = [place for place in range(1, len(ordered)) if ordered[place] != ordered[place - 1]]
    first = _nearest(edges[:-1], split.train * len(ordered))
    second = _nearest([edge for edge in edges if edge > first], (split.train + split.validation) * len(ordered))
    validation_from, test_from = ordered[first], ordered[second]
    return ["train" if v < validation_from else "validation" if v < test_from else "test" for v in values]


def _nearest(edges: Sequence[int], wanted: float) -> int:
    return min(edges, key=lambda edge: (abs(edge - wanted), edge))
