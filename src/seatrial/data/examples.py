"""Rows → cleaned examples, some hundred together, so that a cleaning step may ask a model about many texts at once.

Refuses to know: where rows come from, and what becomes of those that make no example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from seatrial.data.base import ReadsRows
from seatrial.data.clean.build import NamedCleaner
from seatrial.data.clean.run import clean_texts
from seatrial.data.sources.base import BadRow
from seatrial.data.split.keys import SplitKey, split_key
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

__all__ = ["Refused", "examples_of", "redacts"]

TOGETHER = 256
"""Rows whose texts go through the cleaning steps together."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that makes no example: the step that says so, and why."""

    step: str
    drop: Drop


def examples_of(
    rows: Iterator[Row | BadRow],
    data: DataSpec,
    task: ReadsRows,
    labels: Sequence[str],
    *,
    steps: Sequence[NamedCleaner],
    changes: Counter[tuple[str, str]],
) -> Iterator[tuple[Row | BadRow, SplitKey | str | None, Example | Refused | None]]:
    """Each row, in order, with what it says about its split and the example that it makes.

    Args:
        rows: read some hundred ahead.
        data: the section of the project file.
        task: turns rows into examples.
        labels: declared label names, or empty.
        steps: that texts are cleaned by.
        changes: counts what they changed, by (step, kind of change).

    Yields:
        The row; its key, or why it says nothing usable about its split, or None for a bad row; its example, or why it
        makes none, or None where there is no key.
    """
    while together := list(islice(rows, TOGETHER)):
        keys = [None if isinstance(row, BadRow) else split_key(row.values, data.split) for row in together]
        usable = [
            row for row, key in zip(together, keys, strict=True) if isinstance(row, Row) and isinstance(key, SplitKey)
        ]
        made = iter(_examples(usable, data, task, labels, steps=steps, changes=changes))
        for row, key in zip(together, keys, strict=True):
            yield row, key, next(made) if isinstance(key, SplitKey) else None


def _examples(
    rows: Sequence[Row],
    data: DataSpec,
    task: ReadsRows,
    labels: Sequence[str],
    *,
    steps: Sequence[NamedCleaner],
    changes: Counter[tuple[str, str]],
) -> Iterator[Example | Refused]:
    examples = [task.example(row, data, labels) for row in rows]
    texts = [task.text(example) for example in examples if isinstance(example, Example)]
    done = iter(zip(texts, clean_texts(texts, steps), strict=True))
    for row, example in zip(rows, examples, strict=True):
        if isinstance(example, Drop):
            yield Refused("example", example)
            continue
        original, cleaned = next(done)
        if cleaned.refused is not None:
            step, reason = cleaned.refused
            # What redact took out is not written down.
            shown = cleaned.text if redacts(steps) else original
            yield Refused(step, Drop(reason, shown, row.provenance))
            continue
        changes.update(cleaned.counts)
        yield task.with_text(example, cleaned.text) if cleaned.text != original else example


def redacts(steps: Sequence[NamedCleaner]) -> bool:
    """Whether personal data is taken out on the way; then nothing is quoted as it came."""
    return any(named.name == "redact" for named in steps)
