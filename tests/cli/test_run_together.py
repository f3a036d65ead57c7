"""torchrun runs a project: one process is killed, the other says so, and the same command goes on to a release."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # two starts of two processes; long only on a busy machine


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tiny decoder from nothing, with a checkpoint at each step."""
    rng, who = random.Random(5), ("the cat", "a dog", "my friend")
    rows = [{"text": f"{rng.choice(who)} sees {rng.choice(who)} {number}."} for number in range(60)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    tree = {
        "name": "together",
        "task": "causal-lm",
        "data": {
            "sources": [{"name": "rows", "path": "rows.jsonl"}],
            "columns": {"text": "text"},
            "clean": ["drop-empty"],
            "dedupe": {"near": None},
            "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "stratify": []},
        },
        "model": {
            "network": {"layers": 1, "width": 16, "heads": 2},
            "tokenizer": {"method": "characters"},
            "max_length": 24,
        },
        "training": {"steps": 30, "batch_items": 8, "checkpoint_seconds": 0, "device": "cpu", "precision": "fp32"},
        "evaluation": {"resamples": 100},
        "requirements": [{"metric": "size_mb", "at_most": 1}],
    }
    (tmp_path / "seatrial.yaml").write_text(yaml.safe_dump(tree))
    return tmp_path


def start(project: Path) -> subprocess.Popen[str]:
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    command = [*launcher, "--rdzv-endpoint", "localhost:0", "-m", "seatrial", "run", str(project), "--json"]
    return subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def process_of(launcher: int, rank: int) -> int:
    """The process with a rank among a launcher's children."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    return next(
        int(child) for child in children if f"RANK={rank}" in Path(f"/proc/{child}/environ").read_text().split("\0")
    )


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the process of a rank in /proc")
def test_a_killed_process_ends_the_run_and_the_same_command_goes_on(project: Path) -> None:
    first = start(project)
    while first.poll() is None and not list(project.glob(".seatrial/work/train-*/checkpoints/0*")):
        time.sleep(0.02)
    assert first.poll() is None, first.communicate()
    os.kill(process_of(first.pid, 1), signal.SIGKILL)
    told, log = first.communicate()
    assert first.returncode not in {0, 3}
    (error,) = (json.loads(line) for line in told.splitlines() if line.startswith("{"))
    assert "another process of this training" in error["message"] or error["message"] == "stopped"
    assert "last checkpoint" in error["hint"]
    assert log.count("Traceback") == 1  # that of torchrun, which shows one for every failure
    kept = sorted(int(folder.name) for folder in project.glob(".seatrial/work/train-*/checkpoints/0*"))
    assert kept
    assert not list(project.glob(".seatrial/artifacts/train-*"))

    second = start(project)
    told, log = second.communicate()
    assert second.returncode == 0, log
    (outcome,) = (json.loads(line) for line in told.splitlines())  # the other process says nothing
    assert outcome["accepted"]
    (artifact,) = project.glob(".seatrial/artifacts/train-*")
    report = json.loads((artifact / "report.json").read_text())
    assert (report["facts"]["processes"], report["facts"]["strategy"]) == (2, "ddp")
    steps = [step["step"] for step in report["series"]["steps"]]
    assert steps == list(range(1, 31))
    events = list((artifact / "tensorboard").glob("events.*"))
    assert len(events) == 2  # the second start went on
