"""Short seeded curves, kept in a file: to the last bit on the machine that wrote it, close on any other.

A file of `tests/golden` is written anew by SEATRIAL_WRITE_GOLDEN=1, for a change that is meant to change numbers.
Another CPU adds in another order, so elsewhere the curves are only close.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact.machine import cpu, versions

GOLDEN = Path(__file__).parents[1] / "golden"


def assert_as_before(file: str, name: str, found: list[list[float]]) -> None:
    """Compare a curve with the one that is kept under this name."""
    path = GOLDEN / file
    here = {"cpu": cpu(), **versions(("torch", "transformers", "numpy"))}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if os.environ.get("SEATRIAL_WRITE_GOLDEN"):
        kept = {**kept, "machine": here, name: found}
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if kept["machine"] == here:
        assert found == kept[name]
    else:
        assert [pytest.approx(row, rel=0.05, abs=0.02) for row in kept[name]] == found
