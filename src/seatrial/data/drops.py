"""The log of what was left out: every drop readable in `dropped.jsonl`, counted by step and reason."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from seatrial.records import Provenance

__all__ = ["DropLog"]

MAX_REASONS = 50


class DropLog:
    """Writes each drop as it happens; a context manager that owns the file.

    Args:
        path: the JSONL file to write: step, reason, text, source, row and, where known, the place ``file:line``.
        mode: the widest permissions that it gets where it is new.
    """

    def __init__(self, path: Path, *, mode: int = 0o666) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="\n")
        self._counts: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, step: str, reason: str, text: str, provenance: Provenance, where: str | None = None) -> None:
        """Write one drop down.

        Args:
            step: who dropped it: ``"read"``, ``"example"``, a cleaning step's name, ``"dedupe"`` or ``"split"``.
            reason: why.
            text: what was dropped, or the start of it.
            provenance: source and row.
            where: ``file:line`` where that is known.
        """
        self._counts[step, reason] += 1
        drop: dict[str, Any] = {"step": step, "reason": reason, "text": text}
        drop |= {"source": provenance.source, "row": provenance.row}
        if where is not None:
            drop["where"] = where
        self._file.write(json.dumps(drop, ensure_ascii=False) + "\n")

    def table(self) -> list[dict[str, Any]]:
        """Rows {step, reason, count}, the most frequent first; rare reasons beyond fifty are counted together."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        rows: list[dict[str, Any]] = [
            {"step": step, "reason": reason, "count": count} for (step, reason), count in ordered[:MAX_REASONS]
        ]
        rest = sum(count for _, count in ordered[MAX_REASONS:])
        return [*rows, {"step": "all", "reason": "other reasons", "count": rest}] if rest else rows
