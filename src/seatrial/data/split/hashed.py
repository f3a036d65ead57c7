"""Each row by itself: its split depends on the seed and its own text (or group), never on the other rows.

So nothing moves when rows are added, and a corpus of any size can be divided as it streams by. The price: shares are
met on average only, and near copies are not kept together; those that end up in two splits are leaks to be dealt with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.data.dedupe.exact import normalized
from seatrial.data.split.components import fraction
from seatrial.data.split.keys import SplitKey
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["assign_by_hash", "hashed_fold", "hashed_split"]


def assign_by_hash(
    examples: Sequence[Example],
    keys: Sequence[SplitKey],
    clusters: Sequence[Sequence[int]],
    split: Split,
    seed: int,
) -> list[str]:
    """Divide by the group where there is one, else by the text; see `seatrial.data.split.base.Splitter`."""
    return [hashed_split(_own(example, key), split, seed) for example, key in zip(examples, keys, strict=True)]


def hashed_split(own: str, split: Split, seed: int) -> str:
    """The split of a row.

    Args:
        own: what identifies the row; equal strings get equal splits.
        split: shares, and folds if there are any. A larger test share adds rows to test and takes none away.
        seed: another seed gives another division.
    """
    if split.folds is not None:
        if hashed_fold(own, split.folds, seed) == split.fold:
            return "test"
        place = fraction(own, seed, f"validation {split.fold}") * (split.train + split.validation)
    else:
        place = fraction(own, seed)
        if place < split.test:
            return "test"
        place = 1 - place  # validation from the other end, so that changing one share leaves the other split alone
    return "validation" if place <= split.validation else "train"


def hashed_fold(own: str, folds: int, seed: int) -> int:
    """The fold of a row, 1 to `folds`."""
    return int(fraction(own, seed) * folds) + 1


def _own(example: Example, key: SplitKey) -> str:
    return key.group if key.group is not None else inputs_key(example.inputs)


def inputs_key(inputs: Mapping[str, str]) -> str:
    """What a row is known by: its inputs, case, width and spaces aside, so that exact copies go the same way."""
    return "\0".join(normalized(inputs[name]) for name in sorted(inputs))
