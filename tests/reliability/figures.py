"""What the reliability tests measured, as rows of a result file. Refuses to know: the tests."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["DEEP", "SHARE", "Figures", "sized"]

DEEP = os.environ.get("SEATRIAL_SOAK") == "1"
SHARE = float(os.environ.get("SEATRIAL_SOAK_SHARE", "1"))
"""Of every size below, for who works on a test: 0.1 makes 6 s out of 60 s. Nothing is written down then."""
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def sized(quick: int, deep: int) -> int:
    """How often, how long or how many: in `make test` and in `make soak`."""
    return max(1, round(SHARE * (deep if DEEP else quick)))


class Figures:
    """Rows in the order in which they were measured."""

    def __init__(self, seed: int) -> None:
        self.rows: list[dict[str, Any]] = []
        self._seed = seed

    def add(self, name: str, value: float, unit: str, *, goal: str, met: bool, n: int) -> None:
        """A figure with its goal; `n` is what is behind it and must not be 0."""
        assert n > 0, f"{name}: an empty sample"
        row = {"name": name, "value": round(value, 6), "unit": unit, "goal": goal, "met": bool(met)}
        self.rows.append({**row, "opponent": None, "interval": None, "n": n})

    def write(self) -> None:
        """In the deep form, replace the rows of the same names in the result file and keep the others."""
        if not DEEP or SHARE != 1 or not self.rows:
            return
        results = _results_module()
        path: Path = results.RESULTS / "reliability.json"
        known = json.loads(path.read_text(encoding="utf-8"))["figures"] if path.exists() else []
        names = {row["name"] for row in self.rows}
        kept = [row for row in known if row["name"] not in names]
        results.write_results("reliability", [*kept, *self.rows], seed=self._seed)


def _results_module() -> Any:
    specification = importlib.util.spec_from_file_location("results", BENCHMARKS / "results.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["results"] = module
    specification.loader.exec_module(module)
    return module
