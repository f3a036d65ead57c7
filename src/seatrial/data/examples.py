"""Rows → cleaned examples, some hundred together, so that a cleaning step may ask a model about many texts at once.

Refuses to know: where rows come from, and what becomes of those that make no example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from seatrial.data.base import ReadsRows
from seatrial.data.clean.build import NamedCleaner
from seatrial.data.clean.run import clean_texts
from seatrial.data.sources.base import BadRow
from seatrial.data.split.keys import SplitKey, split_key
from seatrial.errors import DataError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

__all__ = ["UNSEEN", "Refused", "examples_of", "redacts"]

TOGETHER = 256
"""Rows whose texts go through the cleaning steps together."""
REDACT = "redact"
UNSEEN = "(not shown: it was left out before redact could search it)"
"""Stands in the log for texts of which nobody knows what is in them."""


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

    Raises:
        DataError: something is missing in a row that must not be, as `data.missing` says.
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
            if example.missing is not None and data.missing.policy(example.missing) == "error":
                raise _is_missing(example)
            yield Refused("example", replace(example, text=UNSEEN) if redacts(steps) else example)
            continue
        original, cleaned = next(done)
        if cleaned.refused is not None:
            step, reason = cleaned.refused
            # What redact took out, or has not seen yet, is not written down.
            shown = cleaned.text if redacts(steps[: cleaned.passed]) else UNSEEN if redacts(steps) else original
            yield Refused(step, Drop(reason, shown, row.provenance))
            continue
        changes.update(cleaned.counts)
        yield task.with_text(example, cleaned.text) if cleaned.text != original else example


def redacts(steps: Sequence[NamedCleaner]) -> bool:
    """Whether personal data is taken out on the way; then nothing is quoted as it came."""
    return any(named.name == REDACT for named in steps)


def _is_missing(drop: Drop) -> DataError:
    at = drop.provenance
    return DataError(
        f"the {drop.reason}",
        where=f"row {at.row} of {at.source}",
        expected=f"a {drop.missing} in every row, as data.missing.{drop.missing} is error",
        hint=f"correct the row, or set data.missing.{drop.missing} to drop or to a value: {{fill: …}}",
    )
