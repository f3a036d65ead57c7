"""Examples that are learned from but not measured on, because nobody has labelled them: they join the training split.

The others are divided as if these were not there. Whatever of these would then leak into what is held out goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.split.base import Splitter
from seatrial.data.split.keys import SplitKey
from seatrial.data.split.leaks import Leak, training_side
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["beside_measured", "not_for_training", "reindexed"]


def beside_measured(
    splitter: Splitter,
    examples: Sequence[Example],
    keys: Sequence[SplitKey],
    clusters: Sequence[Sequence[int]],
    *,
    split: Split,
    seed: int,
    unlabelled: Sequence[bool],
) -> list[str]:
    """A split for each example: train for the unlabelled ones, for the others what `splitter` says of them alone.

    Args:
        splitter: the method.
        examples, keys, clusters, split, seed: see `Splitter`.
        unlabelled: of each example.
    """
    if not any(unlabelled):
        return splitter(examples, keys, clusters, split, seed)
    measured = [index for index, weak in enumerate(unlabelled) if not weak]
    their = splitter(
        [examples[index] for index in measured],
        [keys[index] for index in measured],
        reindexed(clusters, measured),
        split,
        seed,
    )
    result = ["train"] * len(examples)
    for index, name in zip(measured, their, strict=True):
        result[index] = name
    return result


def not_for_training(
    splits: Sequence[str], keys: Sequence[SplitKey], leaks: Sequence[Leak], split: Split, unlabelled: Sequence[bool]
) -> dict[str, list[int]]:
    """Which unlabelled examples cannot be used: reason → indices, ascending; an index is under one reason only.

    Args:
        splits: of each example.
        keys: of each.
        leaks: what is in two splits; the unlabelled side goes, whatever `split.leaks` says.
        split: the section of the project file.
        unlabelled: of each example.
    """
    weak = {index for index, its in enumerate(unlabelled) if its}
    elsewhere = sorted(index for index in weak if splits[index] != "train")
    later: list[int] = []
    if split.method == "time" and split.column is None:
        end = max((_time(keys[i]) for i, its in enumerate(splits) if its == "train" and i not in weak), default=0.0)
        later = sorted(index for index in weak if _time(keys[index]) > end)
    reasons = {
        "there is no label to measure by": elsewhere,
        "later than the training examples that people labelled": later,
    }
    gone = {*elsewhere, *later}
    for reason, indices in training_side(leaks, splits).items():
        reasons[reason] = [index for index in indices if index in weak and index not in gone]
        gone.update(reasons[reason])
    return {reason: indices for reason, indices in reasons.items() if indices}


def reindexed(clusters: Sequence[Sequence[int]], kept: Sequence[int]) -> list[list[int]]:
    """Clusters among the examples that are kept, by their new places; those with one member left are none.

    Args:
        clusters: of old places.
        kept: old places in order.
    """
    place = {old: new for new, old in enumerate(kept)}
    found = ([place[index] for index in cluster if index in place] for cluster in clusters)
    return [cluster for cluster in found if len(cluster) > 1]


def _time(key: SplitKey) -> float:
    return key.time.value if key.time is not None else 0.0
