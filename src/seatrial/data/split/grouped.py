"""All examples of a group in one split, so that the test asks about authors or documents that training never saw.

Near copies join the groups that they are in: two groups that share a text cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.split.components import components
from seatrial.data.split.folds import assign_folds, splits_of_fold
from seatrial.data.split.keys import SplitKey
from seatrial.data.split.shares import divide
from seatrial.errors import DataError
from seatrial.records import SPLITS, Example
from seatrial.spec.data_split import Split

__all__ = ["assign_by_group"]

FEWEST_GROUPS = 3


def assign_by_group(
    examples: Sequence[Example],
    keys: Sequence[SplitKey],
    clusters: Sequence[Sequence[int]],
    split: Split,
    seed: int,
) -> list[str]:
    """Shares and mix are met as nearly as whole groups allow; see `seatrial.data.split.base.Splitter`.

    Raises:
        DataError: there are fewer groups than splits, or folds.
    """
    parts = components(len(examples), keys, clusters)
    needed = split.folds or FEWEST_GROUPS
    if len(parts) < needed:
        joined = " (groups that share near copies count as one)" if clusters else ""
        raise DataError(
            f"the column {split.group!r} has {len(parts)} group(s){joined}",
            where="data.split.group",
            expected=f"at least {needed}",
            hint="choose a column with more different values",
        )
    if split.folds is not None:
        folds = assign_folds(examples, parts, split.folds, split.stratify, seed)
        return splits_of_fold(examples, parts, folds, split, seed)
    shares = (split.train, split.validation, split.test)
    return [SPLITS[place] for place in divide(examples, parts, shares, split.stratify, seed)]
