"""The run's records as JSON lines, one per step and validation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import write_text
from seatrial.train.events import Event, Step
from seatrial.train.position import Position

__all__ = ["History", "read_history"]


class History:
    """Appends to `path`; each line is on its way to disk before the next step.

    Args:
        path: the JSONL file.
        position: where the run starts. Records after it, which a killed run left, are removed: they come again.
    """

    def __init__(self, path: Path, position: Position) -> None:
        kept = [
            {"kind": kind, **record}
            for kind, records in zip(("step", "validation"), read_history(path), strict=True)
            for record in records
            if record["step"] <= (position.step if kind == "step" else position.validated)
        ]
        kept.sort(key=lambda record: (record["step"], record["kind"]))
        write_text(path, "".join(json.dumps(record) + "\n" for record in kept))
        self._file = path.open("a", encoding="utf-8")

    def __call__(self, event: Event) -> None:
        kind = "step" if isinstance(event, Step) else "validation"
        self._file.write(json.dumps({"kind": kind, **event.as_dict()}) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read_history(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The steps and the validations of a history file; a last line that a killed run left half written is ignored."""
    steps: list[dict[str, Any]] = []
    validations: list[dict[str, Any]] = []
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                break
            (steps if record.pop("kind") == "step" else validations).append(record)
    return steps, validations
