"""The stage `prepare`: sources → a data set of three splits, with a reason for everything that was left out.

Refuses to know what the task is: it asks the task to read rows, and moves texts, labels and slices around.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.data.augment.augment import Augmentations, augment
from seatrial.data.augment.base import EncoderWords
from seatrial.data.base import OpenEntities, ReadsRows
from seatrial.data.clean.run import change_table
from seatrial.data.collect import Collected, collect
from seatrial.data.dataset import write_dataset_file, write_split
from seatrial.data.dedupe import exact_copies, near_clusters
from seatrial.data.divide import divide
from seatrial.data.drops import DropLog
from seatrial.data.inspect.lengths import Lengths
from seatrial.data.sources.digests import source_digest
from seatrial.errors import DataError
from seatrial.progress import Progress
from seatrial.records import SPLITS, Example, Report
from seatrial.spec.data import DataSpec

__all__ = ["prepare", "source_digests"]

MAX_SLICE_VALUES = 50
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

    Raises:
        DataError: the sources cannot be used, or not be learned from.
        SpecError: the section says something that cannot be meant.
        OfflineError: a source is not on this machine and the network is forbidden.
    """
    with DropLog(out / "dropped.jsonl") as drops:
        found = collect(
            data, task=task, labels=labels, root=root, drops=drops, open_entities=open_entities, progress=progress
        )
        copies = _drop_copies(found, data, task, drops)
        clusters = _clusters(found, data, task, progress)
        divided = divide(found, clusters, data.split, task=task, drops=drops, seed=seed)
        splits = {
            split: [example for example, its in zip(found.examples, divided.splits, strict=True) if its == split]
            for split in SPLITS
        }
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
    return Report(
        stage="prepare",
        tables={
            "sources": found.sources,
            "dropped": dropped,
            "cleaned": change_table(found.changes),
            "splits": _split_table(splits, names, task),
            "lengths": _length_table(splits, task),
            "slices": _slice_table(splits),
            **({"augmented": more.table, "not_augmented": more.left_out} if data.augment else {}),
            **({"raters": found.raters} if found.raters else {}),
        },
        facts={
            "examples": sum(map(len, splits.values())),
            "bad_rows": sum(source["bad_rows"] for source in found.sources),
            **copies,
            "near_copies": sum(map(len, clusters)),
            "near_copy_clusters": len(clusters),
            "leaks": divided.leaks,
            **({"augmented": len(more.examples)} if data.augment else {}),
            "labels": list(names),
        },
    )


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


def _drop_copies(found: Collected, data: DataSpec, task: ReadsRows, drops: DropLog) -> dict[str, int]:
    """Take exact copies out of `found`; how many, and how many of them for their labels."""
    if not data.dedupe.exact:
        return {"exact_copies": 0, "conflicting_copies": 0}
    texts = [task.text(example) for example in found.examples]
    # Where the data says the split, the test copy is kept: a split that others measure on must not shrink.
    ranks = [SPLITS[::-1].index(key.given) if key.given else 0 for key in found.keys]
    copies = exact_copies(texts, [example.label for example in found.examples], ranks)
    reasons = {
        "exact copy": copies.same,
        "exact copy under another label than most": copies.outvoted,
        "exact copies whose labels disagree": copies.undecided,
    }
    found.leave_out(reasons, "dedupe", task, drops)
    conflicting = len(copies.outvoted) + len(copies.undecided)
    return {"exact_copies": len(copies.same) + conflicting, "conflicting_copies": conflicting}


def _clusters(found: Collected, data: DataSpec, task: ReadsRows, progress: Progress) -> list[list[int]]:
    if data.dedupe.near is None:
        return []
    texts = [task.text(example) for example in found.examples]
    progress("near copies", 0, len(texts))
    clusters = near_clusters(texts, data.dedupe.near)
    progress("near copies", len(texts), len(texts))
    return clusters


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


def _split_table(
    splits: Mapping[str, Sequence[Example]], labels: Sequence[str], task: ReadsRows
) -> list[dict[str, Any]]:
    if not labels:
        return [{"split": split, "label": "", "count": len(examples)} for split, examples in splits.items()]
    counts = {
        split: Counter(label for example in examples for label in task.labels_in(example))
        for split, examples in splits.items()
    }
    return [{"split": split, "label": label, "count": counts[split][label]} for split in splits for label in labels]


def _length_table(splits: Mapping[str, Sequence[Example]], task: ReadsRows) -> list[dict[str, Any]]:
    """Rows {split, mean, min, p5, p50, p95, p99, max}, in characters."""
    found = []
    for split, examples in splits.items():
        lengths = Lengths()
        lengths.add(len(task.text(example)) for example in examples)
        if row := lengths.row():
            found.append({"split": split, **row})
    return found


def _slice_table(splits: Mapping[str, Sequence[Example]]) -> list[dict[str, Any]]:
    """Counts per slice value and split; of a slice with many values, the most frequent ones."""
    counts: dict[str, Counter[str]] = {}
    by_split: Counter[tuple[str, str, str]] = Counter()
    for split, examples in splits.items():
        for example in examples:
            for name, value in example.slices.items():
                counts.setdefault(name, Counter())[value] += 1
                by_split[split, name, value] += 1
    return [
        {"slice": name, "value": value, **{split: by_split[split, name, value] for split in splits}}
        for name, values in counts.items()
        for value, _ in sorted(values.items(), key=lambda item: (-item[1], item[0]))[:MAX_SLICE_VALUES]
    ]
