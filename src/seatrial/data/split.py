"""Examples → train, validation or test. Depends on the seed and the examples' ids only, not on their order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from seatrial.errors import SpecError
from seatrial.records import Example
from seatrial.registry import did_you_mean
from seatrial.spec.data import Split

__all__ = ["assign_splits", "given_split", "train_side_copies"]

NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}


def given_split(value: object) -> str | None:
    """The split that a cell of `split.column` names, or None when it names none."""
    return NAMES.get(str(value).strip().lower())


def assign_splits(examples: Sequence[Example], clusters: Sequence[Sequence[int]], split: Split, seed: int) -> list[str]:
    """A split for each example, with the same mix of `split.stratify` in each.

    Args:
        examples: what to divide.
        clusters: indices of near copies; each cluster stays together, and none goes to test. Its first example stands
            for it in the mix.
        split: shares and what to stratify by.
        seed: another seed gives another division.

    Returns:
        One of ``"train"``, ``"validation"``, ``"test"`` per example. Shares are met to within one example per stratum,
        but test can hold no more than there are examples outside the clusters.

    Raises:
        SpecError: `split.stratify` names no slice.
    """
    grouped = {index for cluster in clusters for index in cluster}
    groups = [list(cluster) for cluster in clusters] + [[i] for i in range(len(examples)) if i not in grouped]
    groups.sort(key=lambda group: _shuffled(examples[group[0]], seed))
    strata: dict[tuple[str, ...], list[list[int]]] = {}
    for group in groups:
        strata.setdefault(_stratum(examples[group[0]], split.stratify), []).append(group)
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


def train_side_copies(clusters: Sequence[Sequence[int]], splits: Sequence[str]) -> list[int]:
    """Indices of train and validation examples that are near copies of a test example, when the data says the split."""
    return sorted(
        index
        for cluster in clusters
        if any(splits[index] == "test" for index in cluster)
        for index in cluster
        if splits[index] != "test"
    )


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


def _shuffled(example: Example, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{example.id}".encode(), digest_size=16).digest()


def _stratum(example: Example, names: Sequence[str]) -> tuple[str, ...]:
    known = {**example.slices, "label": example.label}
    for place, name in enumerate(names):
        if name not in known:
            raise SpecError(
                f"there is no slice {name!r} to stratify by",
                where=f"data.split.stratify.{place}",
                expected="label, or a name from data.slices",
                hint=did_you_mean(name, known),
            )
    return tuple(known[name] for name in names)
