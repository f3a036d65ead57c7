"""The prepared data set on disk: one JSONL file per split, and the labels in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.errors import ArtifactError
from seatrial.records import Example

__all__ = ["read_labels", "read_split", "write_dataset_file", "write_split"]


def write_split(folder: Path, split: str, examples: Iterable[Example]) -> None:
    """Write `folder/SPLIT.jsonl`, one example per line, in the order given."""
    with (folder / f"{split}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for example in examples:
            file.write(json.dumps(example.as_dict(), ensure_ascii=False) + "\n")


def read_split(folder: Path, split: str) -> list[Example]:
    """The examples of a split, as they were written.

    Raises:
        ArtifactError: the file is missing or damaged, naming the line.
    """
    path = folder / f"{split}.jsonl"
    examples: list[Example] = []
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                examples.append(Example.from_dict(json.loads(line)))  # noqa: PERF401 - the count names a damaged line
    except FileNotFoundError as error:
        raise ArtifactError(f"there is no {split} split", where=str(path), hint="run prepare again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"is not an example: {error}", where=f"{path}:{len(examples) + 1}", hint="run prepare again"
        ) from error
    return examples


def write_dataset_file(folder: Path, labels: Sequence[str], counts: Mapping[str, int], seed: int) -> None:
    """Write `folder/dataset.json`: labels in order, examples per split, the seed of the split."""
    value = {"labels": list(labels), "splits": dict(counts), "seed": seed}
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    (folder / "dataset.json").write_text(text, encoding="utf-8")


def read_labels(folder: Path) -> tuple[str, ...]:
    """The label names in the order of every distribution and of the model's outputs.

    Raises:
        ArtifactError: `dataset.json` is missing or damaged.
    """
    path = folder / "dataset.json"
    try:
        value: Any = json.loads(path.read_text(encoding="utf-8"))
        return tuple(map(str, value["labels"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"cannot be read: {error}", where=str(path), hint="run prepare again") from error
