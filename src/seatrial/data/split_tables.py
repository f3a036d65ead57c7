"""What is in the splits, as tables of the report: examples by label, lengths in characters, slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.data.base import ReadsRows
from seatrial.data.inspect.lengths import Lengths
from seatrial.records import Example

__all__ = ["length_table", "slice_table", "split_table"]

MAX_SLICE_VALUES = 50


def split_table(
    splits: Mapping[str, Sequence[Example]], labels: Sequence[str], task: ReadsRows
) -> list[dict[str, Any]]:
    """Rows {split, label, count}; the label is empty where there is none."""
    if not labels:
        return [{"split": split, "label": "", "count": len(examples)} for split, examples in splits.items()]
    counts = {
        split: Counter(label for example in examples for label in task.labels_in(example))
        for split, examples in splits.items()
    }
    rows = [{"split": split, "label": label, "count": counts[split][label]} for split in splits for label in labels]
    bare = sum(not (example.label or example.spans) for example in splits["train"])
    if bare and any(example.label for example in splits["train"]):  # those that stay without a label are in train
        rows.append({"split": "train", "label": "", "count": bare})
    return rows


def length_table(splits: Mapping[str, Sequence[Example]], task: ReadsRows) -> list[dict[str, Any]]:
    """Rows {split, mean, min, p5, p50, p95, p99, max}, in characters."""
    found = []
    for split, examples in splits.items():
        lengths = Lengths()
        lengths.add(len(task.text(example)) for example in examples)
        if row := lengths.row():
            found.append({"split": split, **row})
    return found


def slice_table(splits: Mapping[str, Sequence[Example]]) -> list[dict[str, Any]]:
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
