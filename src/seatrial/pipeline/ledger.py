"""How often the test split was used to judge a model: a line per model file and split, never removed.

The same file on the same examples gives the same answers: looking again tells nothing new and is no further use.
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
    """One judgement on a test split.

    Attributes:
        split: digest of the test split's examples, whatever else of the dataset has changed.
        stage: who judged.
        model: SHA-256 of the model file that was judged.
    """

    split: str
    stage: str
    model: str


def record_test_use(store: Path, use: SplitUse) -> None:
    """Add a line, on disk before the judgement is made; none when this model was judged on this split before."""
    if any(use.model == before.model for before in uses_of_test(store, use.split)):
        return
    store.mkdir(parents=True, exist_ok=True)
    with (store / FILE).open("a+b") as file:
        if file.tell() and file.seek(-1, os.SEEK_END) >= 0 and file.read() != b"\n":
            file.write(b"\n")  # a crash cut the last line off; it must not take this one with it
        file.write(json.dumps(asdict(use)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def uses_of_test(store: Path, split: str) -> list[SplitUse]:
    """Every use of this test split, oldest first; a line cut off by a crash still counts as nothing."""
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
        if use.split == split:
            uses.append(use)
    return uses
