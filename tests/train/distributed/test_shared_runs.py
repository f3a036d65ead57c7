"""Two processes take the steps that one takes, each with the whole model or with a part of it; one start for all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from seatrial.errors import SpecError
from seatrial.train.distributed.processes import ONE, Processes

from .shared_runs import AGAIN, RUNS, bases, run

SCRIPT = Path(__file__).parent / "shared_runs.py"
SHARED = (
    *("classifier:ddp", "classifier:fsdp", "decoder:ddp", "decoder:fsdp"),
    *("classifier-head:ddp", "classifier-lora:ddp", "decoder-lora:fsdp"),
)
BROKEN_OFF = ("dropout:ddp", "dropout:fsdp")
LOSS, WEIGHT = 1e-5, 1e-5
"""How far a loss and a weight may be from those of one process, in fp32 and without dropout."""
NO_GRADIENT = "attention.self.key.bias"
"""It moves every score of a query alike, so its gradient is rounding, which Adam makes as large as any other."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # on a busy machine each exchange waits for two turns


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bases(tmp_path_factory.mktemp("bases"))


@pytest.fixture(scope="module")
def shared(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes made, by the name of the run."""
    folder = tmp_path_factory.mktemp("shared")
    names = (*SHARED, *BROKEN_OFF, *(f"{name}{AGAIN}" for name in BROKEN_OFF))
    two = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    command = [sys.executable, *two, "--rdzv-endpoint", "localhost:0", str(SCRIPT), str(models), str(folder), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return folder


@pytest.fixture(scope="module")
def alone(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What one process makes of a run, made once."""
    folder = tmp_path_factory.mktemp("alone")

    def made(kind: str) -> Path:
        place = folder / kind
        if not place.exists():
            report = run(models, place, kind, processes=ONE)
            assert report is not None
            (place / "report.json").write_text(json.dumps(report.as_dict()))
        return place

    return made


def report_of(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "report.json").read_text())
    return found


def curve(report: dict[str, Any], series: str, name: str) -> list[float]:
    return [record[name] for record in report["series"][series]]


def furthest(place: Path, other: Path) -> dict[str, float]:
    """Weight → the largest difference, without those that have no gradient."""
    here, there = (load_file(folder / "out" / "model.safetensors") for folder in (place, other))
    assert set(here) == set(there)
    return {name: float(np.abs(here[name] - there[name]).max()) for name in here if NO_GRADIENT not in name}


@pytest.mark.parametrize("name", SHARED)
def test_two_processes_take_the_steps_of_one(name: str, shared: Path, alone: Callable[[str], Path]) -> None:
    kind, _, strategy = name.partition(":")
    ours, theirs = report_of(shared / name), report_of(alone(kind))
    for series, figure in (("steps", "loss"), ("steps", "grad_norm"), ("validations", "loss")):
        assert curve(ours, series, figure) == pytest.approx(curve(theirs, series, figure), rel=LOSS, abs=LOSS), figure
    for figure in ("step", "epoch", "learning_rate"):
        assert curve(ours, "steps", figure) == curve(theirs, "steps", figure)
    assert max(furthest(shared / name, alone(kind)).values()) < WEIGHT
    assert (shared / name / "out" / "config.json").read_text() == (alone(kind) / "out" / "config.json").read_text()
    same = ("best_step", "stopped", "trainable_parameters", "parameters", "device", "precision")
    assert {key: ours["facts"][key] for key in same} == {key: theirs["facts"][key] for key in same}
    assert (ours["facts"]["processes"], ours["facts"]["strategy"]) == (2, strategy)
    assert not {"processes", "strategy"} & set(theirs["facts"])


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_processes_that_go_on_give_the_same_bits(name: str, shared: Path) -> None:
    weights = [(shared / f"{name}{ending}" / "out" / "model.safetensors").read_bytes() for ending in ("", AGAIN)]
    assert weights[0] == weights[1]
    reports = [report_of(shared / f"{name}{ending}") for ending in ("", AGAIN)]
    assert curve(reports[0], "steps", "loss") == curve(reports[1], "steps", "loss")


def test_each_process_drops_something_else(shared: Path, alone: Callable[[str], Path]) -> None:
    ours, theirs = (curve(report_of(place), "steps", "loss") for place in (shared / "dropout:ddp", alone("dropout")))
    assert ours != pytest.approx(theirs, rel=1e-3)


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_one_process_goes_on_where_two_stopped(
    strategy: str, shared: Path, models: Path, alone: Callable[[str], Path], tmp_path: Path
) -> None:
    place = tmp_path / "classifier"
    shutil.copytree(shared / f"classifier:{strategy}" / "work", place / "work")
    newest = max((place / "work" / "checkpoints").iterdir())
    shutil.rmtree(newest)
    report = run(models, place, "classifier", processes=ONE)
    assert report is not None
    theirs = report_of(alone("classifier"))
    assert curve(report.as_dict(), "steps", "loss") == pytest.approx(curve(theirs, "steps", "loss"), rel=LOSS)
    assert max(furthest(place, alone("classifier")).values()) < WEIGHT


def test_one_process_cannot_divide_a_model(models: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="divides a model among processes") as caught:
        run(models, tmp_path, "classifier:fsdp", processes=ONE)
    assert caught.value.where == "training.distributed"
    assert "torchrun" in str(caught.value.hint)


def test_more_processes_than_items_are_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="20 processes share each batch, and the largest has 8 items"):
        run(models, tmp_path, "classifier:ddp", processes=Processes(0, 20, 0, 20))


def test_every_run_is_tried() -> None:
    assert {name.partition(":")[0] for name in (*SHARED, *BROKEN_OFF)} == set(RUNS)
