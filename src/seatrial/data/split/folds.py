"""k folds for cross-validation: each example is in one fold, and each fold is the test split once."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.split.shares import divide
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["assign_folds", "splits_of_fold"]


def assign_folds(
    examples: Sequence[Example], parts: Sequence[Sequence[int]], folds: int, names: Sequence[str], seed: int
) -> list[int]:
    """The fold of each example, 1 to `folds`, of like size and mix.

    Args:
        examples: what to divide.
        parts: indices that stay together, every index in one of them.
        folds: how many, at least 2.
        names: `label` and slice names whose mix should be the same in every fold.
        seed: another seed gives other folds.
    """
    return [place + 1 for place in divide(examples, parts, [1.0] * folds, names, seed)]


def splits_of_fold(
    examples: Sequence[Example], parts: Sequence[Sequence[int]], folds: Sequence[int], split: Split, seed: int
) -> list[str]:
    """Fold number `split.fold` as test, the others divided between train and validation by their shares."""
    rest = [part for part in parts if folds[part[0]] != split.fold]
    shares = (split.train, split.validation)
    # Another seed for every fold: the same examples as validation in all of them would be one choice made k times.
    places = divide(examples, rest, shares, split.stratify, seed + split.fold)
    names = ("train", "validation", "test")  # -1, in no part of the rest, is the last
    return [names[place] for place in places]
