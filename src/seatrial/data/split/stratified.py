"""By shares, with the same mix in every split. Near copies stay together and never go to test."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seatrial.data.split.components import components, shuffled, stratum
from seatrial.data.split.folds import assign_folds, splits_of_fold
from seatrial.data.split.keys import SplitKey
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["assign_stratified"]


def assign_stratified(
    examples: Sequence[Example],
    keys: Sequence[SplitKey],
    clusters: Sequence[Sequence[int]],
    split: Split,
    seed: int,
) -> list[str]:
    """A split for each example, with the same mix of `split.stratify` in each; see `seatrial.data.split.base.Splitter`.

    Each cluster stays together, and none goes to test; its first example stands for it in the mix. Shares are met to
    within one example per stratum, but test can hold no more than there are examples outside the clusters. With
    `split.folds` every example is in test once, so clusters are too.
    """
    if split.folds is not None:
        parts = components(len(examples), (), clusters)
        folds = assign_folds(examples, parts, split.folds, split.stratify, seed)
        return splits_of_fold(examples, parts, folds, split, seed)
    grouped = {index for cluster in clusters for index in cluster}
    groups = [list(cluster) for cluster in clusters] + [[i] for i in range(len(examples)) if i not in grouped]
    groups.sort(key=lambda group: shuffled(examples[group[0]], seed))
    strata: dict[tuple[str, ...], list[list[int]]] = {}
    for group in groups:
        strata.setdefault(stratum(examples[group[0]], split.stratify), []).append(group)
    result = ["train"] * len(examples)
    due_test = due_validation = 0.0  # what rounding has left over so far; it goes to the next stratum
    for key in sorted(strata):
        total = sum(map(len, strata[key]))
        due_test += split.test * total
        due_validation += split.validation * total
        test, validation = _fill(strata[key], _rounded(due_test), _rounded(due_validation))
        for name, indices in (("test", test), ("validation", validation)):
            for index in indices:
                result[index] = name
        # Bounded, so that a stratum full of near copies does not upset the mix of all that follow.
        due_test = max(-1.0, min(1.0, due_test - len(test)))
        due_validation = max(-1.0, min(1.0, due_validation - len(validation)))
    return result


def _fill(groups: Sequence[Sequence[int]], test_size: int, validation_size: int) -> tuple[list[int], list[int]]:
    """Members of test and validation: single examples fill test first, then what fits fills validation."""
    test: list[int] = []
    validation: list[int] = []
    for group in groups:
        if len(group) == 1 and len(test) < test_size:
            test += group
        elif len(validation) + len(group) <= validation_size:
            validation += group
    return test, validation


def _rounded(due: float) -> int:
    return max(0, math.floor(due + 0.5 + 1e-9))  # 0.7 + 0.1 + 0.2 is not quite 1 in binary
