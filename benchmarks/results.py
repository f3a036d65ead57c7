"""Figures of one benchmark → `benchmarks/results/NAME.json`, with what the machine was. Refuses to know benchmarks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import write_text
from seatrial.artifact.machine import machine

__all__ = ["RESULTS", "figure", "write_results"]

RESULTS = Path(__file__).parent / "results"


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    goal: str | None = None,
    met: bool | None = None,
    opponent: str | None = None,
    interval: Sequence[float] | None = None,
    n: int | None = None,
) -> dict[str, Any]:
    """One row of a result file.

    Args:
        name: what was measured, with the setting.
        value: the figure.
        unit: ``"s"``, ``"ms"``, ``"x"`` for a ratio …
        goal: the bound as text, for example ``">= 4"``; then `met` says whether it was reached.
        met: None without a goal.
        opponent: what it is compared with, in the same run.
        interval: lowest and highest of the repeats, or None for one.
        n: items, requests or repeats behind the figure.
    """
    if (goal is None) != (met is None):
        raise ValueError(f"{name}: a goal and whether it was met belong together")
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "goal": goal,
        "met": met,
        "opponent": opponent,
        "interval": None if interval is None else list(interval),
        "n": n,
    }


def write_results(
    name: str, figures: Sequence[Mapping[str, Any]], *, seed: int, folder: Path = RESULTS, note: str | None = None
) -> Path:
    """Write the file that README, docs and `make figures` quote from.

    Args:
        name: the benchmark's, without extension.
        figures: rows as `figure` makes them.
        seed: of the run.
        folder: where; the committed results unless a trial run says otherwise.
        note: what a reader of the figures must know, for example that a part of the data was used.
    """
    found = dict(machine())
    meta = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu_flags": found.pop("cpu_flags"),
        "versions": found.pop("versions"),
        "hardware": found,
        "seed": seed,
        "note": note,
    }
    path = folder / f"{name}.json"
    write_text(path, json.dumps({"meta": meta, "figures": list(figures)}, indent=2, ensure_ascii=False) + "\n")
    return path
