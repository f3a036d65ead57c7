"""Collected examples → the split of each, by the project's method or by the data's own column; what leaks is a gate.

Refuses to know how a method divides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.data.base import ReadsRows
from seatrial.data.collect import Collected
from seatrial.data.drops import DropLog
from seatrial.data.split import SPLITTERS
from seatrial.data.split.leaks import KINDS, Leak, find_leaks, kinds_of, training_side, two_of
from seatrial.data.split.training_only import beside_measured, not_for_training, reindexed
from seatrial.errors import DataError
from seatrial.records import SPLITS, Example
from seatrial.spec.data_split import Split

__all__ = ["Divided", "divide"]

LEAKS_NAMED = 3
TEXT_NAMED = 60


@dataclass(frozen=True, slots=True)
class Divided:
    """A division that may be used.

    Attributes:
        splits: of each example that is left.
        leaks: kind → how many were allowed to stay, counted as things torn apart (a cluster, a group), not as examples.
    """

    splits: list[str]
    leaks: dict[str, int]


def divide(
    found: Collected,
    clusters: Sequence[Sequence[int]],
    split: Split,
    *,
    task: ReadsRows,
    drops: DropLog,
    seed: int,
) -> Divided:
    """Divide, and deal with what is in two splits as `split.leaks` says.

    Where the data say the split, a near copy of a test example leaves the other splits unless leaks are allowed, and
    near copies in train and validation are only counted: whoever made that division may have wanted them there.

    Args:
        found: the examples; those on the training side of a leak are taken out of it.
        clusters: near copies.
        split: the section of the project file.
        task: gives texts.
        drops: told of everything that is taken out.
        seed: of the division.

    Raises:
        DataError: something leaks and `split.leaks` is `stop`, or the data cannot be divided so.
        SpecError: the section asks for something that the examples do not have.
    """
    if split.column is None:
        splitter = SPLITTERS.get(split.method, where="data.split.method")
        splits = beside_measured(
            splitter, found.examples, found.keys, clusters, split=split, seed=seed, unlabelled=found.unlabelled
        )
    else:
        splits = [key.given for key in found.keys if key.given is not None]
        assert len(splits) == len(found.examples)  # rows that name no split were dropped while reading
    leaks = _leaks(found, splits, clusters, task)
    if any(found.unlabelled):
        reasons = not_for_training(splits, found.keys, leaks, split, found.unlabelled)
        out = {index for indices in reasons.values() for index in indices}
        kept = [index for index in range(len(splits)) if index not in out]
        found.leave_out(reasons, "split", task, drops)
        splits, clusters = [splits[index] for index in kept], reindexed(clusters, kept)
        leaks = _leaks(found, splits, clusters, task)
    told, gone = _sorted_out(leaks, split, searched=bool(clusters))
    _stop_at([leak for leak in leaks if leak not in told and leak not in gone], splits, found.examples, task)
    reasons = training_side(gone, splits)
    out = {index for indices in reasons.values() for index in indices}
    found.leave_out(reasons, "split", task, drops)
    splits = [name for index, name in enumerate(splits) if index not in out]
    if split.column is not None:
        _refuse_empty(splits, split.column)
    counts = Counter(leak.kind for leak in told)
    return Divided(splits, {kind: counts[kind] for kind in KINDS if counts[kind]})


def _leaks(found: Collected, splits: Sequence[str], clusters: Sequence[Sequence[int]], task: ReadsRows) -> list[Leak]:
    return find_leaks(
        splits,
        texts=[task.text(example) for example in found.examples],
        clusters=clusters,
        groups=[key.group for key in found.keys],
    )


def _sorted_out(leaks: list[Leak], split: Split, *, searched: bool) -> tuple[list[Leak], list[Leak]]:
    """The leaks that are only counted, and those whose training side goes; what is in neither stops the run.

    `searched` says that near copies were looked for and some found; exact ones are then among them.
    """
    if split.leaks == "allow":
        return leaks, []
    if split.leaks == "drop":
        return [], leaks
    if split.column is None:
        return [], []
    copies = [leak for leak in leaks if leak.kind != "group"]
    told = [leak for leak in copies if "test" not in leak.splits]
    return told, [leak for leak in copies if searched and leak not in told]


def _stop_at(leaks: Sequence[Leak], splits: Sequence[str], examples: Sequence[Example], task: ReadsRows) -> None:
    if not leaks:
        return
    named = "; ".join(_named(leak, splits, examples, task) for leak in leaks[:LEAKS_NAMED])
    raise DataError(
        f"what belongs together is in two splits ({kinds_of(leaks)}): {named}",
        where="data.split",
        expected="no copy and no group in more than one split",
        hint="set data.split.leaks: drop to leave out those on the training side, or allow to keep them",
    )


def _named(leak: Leak, splits: Sequence[str], examples: Sequence[Example], task: ReadsRows) -> str:
    """A leak as two rows of it that are in different splits."""
    first, other = two_of(leak, splits)
    rows = " and ".join(
        f"row {examples[i].provenance.row} of {examples[i].provenance.source} ({splits[i]})" for i in (first, other)
    )
    return f"{leak.kind}: {rows}, {task.text(examples[first])[:TEXT_NAMED]!r}"


def _refuse_empty(splits: Sequence[str], column: str) -> None:
    for split in SPLITS:
        if split not in splits:
            raise DataError(
                f"no example is in the {split} split",
                where="data.split.column",
                expected=f"train, validation and test in the column {column!r}",
                hint="leave data.split.column out to divide by shares",
            )
