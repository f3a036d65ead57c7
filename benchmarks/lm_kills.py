"""kill -9 of a pretraining run, again and again: is what comes out what would have come out? → `results/lm.json`.

    python benchmarks/lm_kills.py [--kills N] [--steps N] [--out FOLDER] [--note TEXT]

`seatrial run` on `recipes/pretrain-tiny`, shortened, in a process of its own. It is killed N times, each time at a
random step and a random moment within the second after it, and called again; then it may end. Its weights must be those
of a run that nobody killed, to the last bit, and so must every loss, learning rate and gradient norm of its history.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from results import RESULTS, figure, write_part

RECIPE = Path(__file__).parent.parent / "recipes" / "pretrain-tiny"
PROGRAM = (sys.executable, "-c", "from seatrial.cli.app import main; main()")
SEED = 17
AFTER_S = 1.0
POLL_S = 0.01
RATE = "texts_per_s"
"""The one field of the history that is a matter of time."""


def start(project: Path, settings: Sequence[str]) -> subprocess.Popen[bytes]:
    """The command, in a group of processes of its own."""
    changes = [part for setting in settings for part in ("--set", setting)]
    command = [*PROGRAM, "run", str(project), "--json", *changes]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def history(project: Path) -> Path | None:
    """Where the run that is under way writes its steps."""
    return next((project / ".seatrial" / "work").rglob("history.jsonl"), None)


def state(project: Path) -> tuple[int, int]:
    """Which file the history is (a continued run begins a new one), and how many lines it has."""
    file = history(project)
    if file is None:
        return 0, 0
    try:
        return file.stat().st_ino, file.read_bytes().count(b"\n")
    except FileNotFoundError:  # replaced meanwhile
        return 0, 0


def kill_once(project: Path, settings: Sequence[str], more: int, rng: random.Random) -> int | None:
    """Let the run go on for `more` steps and kill it; lines of the history then, or None where it came to its end."""
    before, reached = state(project)
    process = start(project, settings)
    while process.poll() is None:
        file, lines = state(project)
        if file != before and lines >= reached + more:
            time.sleep(rng.uniform(0, AFTER_S))
            break
        time.sleep(POLL_S)
    if process.poll() is not None:
        return None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return state(project)[1]


def outcome(project: Path) -> tuple[str, str]:
    """Digests of the trained weights, and of the history without its rates."""
    [file] = (project / ".seatrial" / "artifacts").rglob("history.jsonl")
    weights = (file.parent / "model.safetensors").read_bytes()
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    told = json.dumps([{name: value for name, value in record.items() if name != RATE} for record in records])
    return hashlib.sha256(weights).hexdigest(), hashlib.sha256(told.encode()).hexdigest()


def run_killed(project: Path, settings: Sequence[str], kills: int, steps: int) -> list[int]:
    """Kill it so often, then let it end; the line at which each kill found it."""
    rng, at = random.Random(SEED), []
    for left in range(kills, 0, -1):
        reached = state(project)[1]
        found = kill_once(project, settings, rng.randint(1, max(1, 2 * (steps - reached) // (left + 1))), rng)
        if found is None:
            raise SystemExit(f"the run came to its end after {len(at)} kills: give more --steps")
        at.append(found)
        print(f"killed at line {found}", flush=True)
    if start(project, settings).wait() not in (0, 3):  # 3: a shortened run need not meet its contract
        raise SystemExit("the run failed after the kills")
    return at


def main() -> None:
    """Measure and write the part `kills` of `lm.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--steps", type=int, default=400, help="of the whole run")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="nothing else ran", help="what else the machine did")
    options = parser.parse_args()
    settings = [f"training.steps={options.steps}", "training.checkpoint_seconds=0.5", "evaluation.resamples=100"]
    with tempfile.TemporaryDirectory() as folder:
        calm, killed = (Path(shutil.copytree(RECIPE, Path(folder) / name)) for name in ("calm", "killed"))
        for project in (calm, killed):
            shutil.rmtree(project / ".seatrial", ignore_errors=True)
            shutil.rmtree(project / "release", ignore_errors=True)
        if start(calm, settings).wait() not in (0, 3):
            raise SystemExit("the run that nobody kills failed")
        at = run_killed(killed, settings, options.kills, options.steps)
        expected, found = outcome(calm), outcome(killed)
    rows: list[dict[str, Any]] = []
    for what, wanted, came in zip(("weights", "loss file"), expected, found, strict=True):
        share = 1.0 if wanted == came else 0.0
        name = f"{what} of a killed run bit-identical to those of one that was not"
        rows.append(figure(name, share, "share", goal=">= 1", met=share >= 1, n=len(at)))
    rows.append(figure("kill -9 of one pretraining run", len(at), "count", goal=">= 25", met=len(at) >= 25, n=len(at)))
    said = (
        f"`seatrial run` on {RECIPE.name}, {options.steps} steps, killed at lines {min(at)} to {max(at)} of its history"
    )
    print(write_part("lm", "kills", rows, seed=SEED, folder=options.out, note=f"{said}; {options.note}"))


if __name__ == "__main__":
    main()
