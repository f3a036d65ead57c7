"""A pretraining run that kill -9 ends, twice, gives the weights and the losses of one that nobody ended.

`benchmarks/lm_kills.py` does the same 25 times to `seatrial run`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .toy_language import toy_language_fit

SCRIPT = Path(__file__).parent / "killed_language_run.py"
KILLS = (7, 8)
"""Words of progress from a run's start: a step each, or a part of a validation."""
SETTINGS = {"epochs": 2, "fill_in_middle": 0.5}


def losses(folder: Path) -> list[dict[str, Any]]:
    """The history without its rates, the one thing that is a matter of time."""
    lines = (folder / "out" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "texts_per_s"} for line in lines]


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    toy_language_fit(whole, **SETTINGS)
    reached = [0]
    for words in KILLS:
        done = subprocess.run([sys.executable, str(SCRIPT), str(killed), str(words)], capture_output=True, check=False)
        assert done.returncode == -9, done.stderr.decode()[-2000:]
        reached.append(len((killed / "work" / "history.jsonl").read_text(encoding="utf-8").splitlines()))
    assert reached == sorted(set(reached)), "each run went on from where the one before it had come to"
    toy_language_fit(killed, checkpoint_seconds=0, **SETTINGS)
    first, second = ((folder / "out" / "model.safetensors").read_bytes() for folder in (whole, killed))
    assert first == second
    assert losses(whole) == losses(killed)
