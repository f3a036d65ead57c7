"""How often the test split was used to judge a model: a line per use, never removed.

A test split that is looked at again and again turns into a validation split. The count is shown in every report, so
that a reader can tell a first look from a twentieth.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["SplitUse", "record_test_use", "uses_of_test"]

FILE = "test-uses.jsonl"


@dataclass(frozen=True, slots=True)
class SplitUse:
    """One judgement on the test split: of which dataset, by which stage, of which model."""

    dataset: str
    stage: str
    model: str


def record_test_use(store: Path, use: SplitUse) -> None:
    """Add a line, on disk before the judgement is made."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(use)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def uses_of_test(store: Path, dataset: str) -> list[SplitUse]:
    """Every use of this dataset's test split, oldest first; a line cut off by a crash still counts as nothing."""
    try:
        lines = (store / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    uses = []
    for line in lines:
        try:
            use = SplitUse(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if use.dataset == dataset:
            uses.append(use)
    return uses
