"""Figures of one benchmark → `benchmarks/results/NAME.json`, with what the machine was. Refuses to know benchmarks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import write_text
from seatrial.artifact.machine import machine

__all__ = ["RESULTS", "figure", "write_part", "write_results"]

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


def write_part(
    name: str,
    part: str,
    figures: Sequence[Mapping[str, Any]],
    *,
    seed: int,
    folder: Path = RESULTS,
    note: str | None = None,
) -> Path:
    """Replace the rows of a result file whose names begin with `part` and a colon: several scripts, one file.

    Args:
        name: the benchmark's, without extension.
        part: for example ``"near duplicates"``; it is put before each row's name.
        figures: rows as `figure` makes them.
        seed: of the run.
        folder: of the result file.
        note: what a reader of these rows must know.
    """
    file = folder / f"{name}.json"
    before: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"figures": []}
    others = [row for row in before["figures"] if not row["name"].startswith(f"{part}: ")]
    notes = [line for line in (before.get("meta", {}).get("note") or "").splitlines() if line]
    notes = [line for line in notes if not line.startswith(f"{part}: ")] + ([f"{part}: {note}"] if note else [])
    mine = [{**row, "name": f"{part}: {row['name']}"} for row in figures]
    return write_results(name, [*others, *mine], seed=seed, folder=folder, note="\n".join(notes) or None)
