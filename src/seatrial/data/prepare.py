"""The stage `prepare`: sources → a data set of three splits, with a reason for everything that was left out.

Refuses to know what the task is: it asks the task to read rows, and moves texts, labels and slices around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.data.annotate.rules.base import Rule
from seatrial.data.augment.augment import Augmentations, augment
from seatrial.data.augment.base import EncoderWords
from seatrial.data.base import OpenEntities, ReadsRows
from seatrial.data.clean.run import change_table
from seatrial.data.collect import Collected, collect
from seatrial.data.copies import drop_exact, similar
from seatrial.data.dataset import write_dataset_file, write_split
from seatrial.data.divide import Divided, divide
from seatrial.data.drops import DropLog
from seatrial.data.label_by_rules import label_by_rules, project_rules, rules_on_labelled
from seatrial.data.sources.digests import source_digest
from seatrial.data.split_tables import length_table, slice_table, split_table
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import SPLITS, Example, Report
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["prepare", "source_digests"]

REASONS_NAMED = 3


def prepare(
    data: DataSpec,
    *,
    task: ReadsRows,
    labels: Sequence[str],
    root: Path,
    seed: int,
    out: Path,
    progress: Progress,
    encoder: Callable[[Sequence[str]], EncoderWords] | None = None,
    open_entities: OpenEntities | None = None,
    embed: Embed | None = None,
) -> Report:
    """Make the data set.

    Writes train.jsonl, validation.jsonl, test.jsonl, dropped.jsonl and dataset.json into `out`. Everything but memory
    for the examples is streamed; the result depends on nothing but the arguments and the sources.

    Args:
        data: the section of the project file.
        task: turns rows into examples and checks the splits.
        labels: declared label names in order, or empty to take them from the data, sorted; there may be none.
        root: the project folder, which relative paths start from.
        seed: of the split.
        out: an existing folder.
        progress: hears the rows read and the steps done.
        encoder: training texts → what the project's encoder knows about words; only ways to augment ask for it.
        open_entities: opens the models that cleaning steps name.
        embed: texts → vectors [n, dimensions] of the project's encoder; only the search for semantic copies asks.

    Raises:
        DataError: the sources cannot be used, or not be learned from.
        SpecError: the section says something that cannot be meant.
        OfflineError: a source is not on this machine and the network is forbidden.
    """
    with DropLog(out / "dropped.jsonl") as drops:
        rules = project_rules(data.rules, root, labels) if data.rules else []
        found = collect(
            data, task=task, labels=labels, root=root, drops=drops, open_entities=open_entities, progress=progress
        )
        ruled = label_by_rules(found, data.rules, rules, labels, task=task, drops=drops) if data.rules else []
        copies = drop_exact(found, data.dedupe, task=task, drops=drops)
        clusters, alike = similar(found, data.dedupe, task=task, drops=drops, embed=embed, progress=progress)
        divided = divide(found, clusters, data.split, task=task, drops=drops, seed=seed)
        splits = _by_split(found, divided)
        dropped = drops.table()
    names = tuple(labels) or tuple(sorted({label for example in found.examples for label in task.labels_in(example)}))
    try:
        task.check(splits, names)
    except DataError as error:
        raise _with_drops(error, dropped) from error
    more = _augmented(splits, data, task=task, root=root, seed=seed, encoder=encoder, progress=progress)
    written = {**splits, "train": [*splits["train"], *more.examples]}
    for split, examples in written.items():
        write_split(out, split, examples)
    write_dataset_file(out, names, {split: len(examples) for split, examples in written.items()}, seed)
    tables = {
        "sources": found.sources,
        "dropped": dropped,
        "cleaned": change_table(found.changes),
        "splits": split_table(splits, names, task),
        "lengths": length_table(splits, task),
        "slices": slice_table(splits),
    }
    facts = {
        "examples": sum(map(len, splits.values())),
        "bad_rows": sum(source["bad_rows"] for source in found.sources),
        **copies,
        **alike,
        "leaks": divided.leaks,
    }
    if data.augment:
        tables |= {"augmented": more.table, "not_augmented": more.left_out}
        facts["augmented"] = len(more.examples)
    if found.raters:
        tables["raters"] = found.raters
    if ruled:
        tables["rules"] = _with_accuracy(ruled, found, divided, rules, labels=labels, task=task)
    if any(found.unlabelled):
        facts["unlabelled" if data.rules is None else "labelled_by_rules"] = sum(found.unlabelled)
    return Report(stage="prepare", tables=tables, facts={**facts, "labels": list(names)})


def source_digests(data: DataSpec, root: Path) -> dict[str, str]:
    """What the contents of each source are known by, without fetching anything.

    Args:
        data: the section of the project file.
        root: the project folder.

    Returns:
        Source name → what `source_digest` says of it.

    Raises:
        DataError: a file is missing.
    """
    return {
        source.name: source_digest(source, root, f"data.sources.{place}") for place, source in enumerate(data.sources)
    }


def _by_split(found: Collected, divided: Divided) -> dict[str, list[Example]]:
    placed = list(zip(found.examples, divided.splits, strict=True))
    return {split: [example for example, its in placed if its == split] for split in SPLITS}


def _with_accuracy(
    ruled: Sequence[Mapping[str, Any]],
    found: Collected,
    divided: Divided,
    rules: Sequence[Rule],
    *,
    labels: Sequence[str],
    task: ReadsRows,
) -> list[dict[str, Any]]:
    """The rules, also with how often each is right on the training rows that people labelled."""
    known = zip(found.examples, found.unlabelled, divided.splits, strict=True)
    labelled = [example for example, weak, split in known if split == "train" and not weak]
    right = rules_on_labelled(labelled, rules, labels, task=task)
    return [{**row, "accuracy": right[row["rule"]]} for row in ruled]


def _augmented(
    splits: Mapping[str, Sequence[Example]],
    data: DataSpec,
    *,
    task: ReadsRows,
    root: Path,
    seed: int,
    encoder: Callable[[Sequence[str]], EncoderWords] | None,
    progress: Progress,
) -> Augmentations:
    """What the project file asks to add to the training split; the counts of the splits are without it."""
    if not data.augment:
        return Augmentations([], [], [])
    train = splits["train"]
    return augment(
        train,
        data.augment,
        task=task,
        held_out=[*splits["validation"], *splits["test"]],
        near=data.dedupe.near,
        seed=seed,
        root=root,
        encoder=encoder([task.text(example) for example in train]) if encoder else None,
        progress=progress,
    )


def _with_drops(error: DataError, dropped: Sequence[Mapping[str, Any]]) -> DataError:
    """The same error, with what was left out before: often that is why too little is there."""
    if not dropped:
        return error
    reasons = ", ".join(f"{row['count']} for {row['reason']!r}" for row in dropped[:REASONS_NAMED])
    total = sum(row["count"] for row in dropped)
    return DataError(
        f"{error.message}, after {total} row(s) were left out: {reasons}",
        where=error.where,
        expected=error.expected,
        hint=error.hint,
    )
