"""The pipeline with three toy stages: what runs, what is reused, why, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact import machine
from seatrial.artifact.store import Store
from seatrial.errors import DataError
from seatrial.pipeline.plan import plan
from seatrial.pipeline.run import run_stages
from seatrial.pipeline.stages.base import StageContext
from seatrial.progress import silent
from seatrial.records import Project
from seatrial.spec.load import parse_spec
from seatrial.spec.project import ProjectSpec


def spec_with(**changes: Any) -> ProjectSpec:
    tree = {
        "name": "toy",
        "data": {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}},
        "requirements": [{"metric": "accuracy", "at_least": 0.5}],
        **changes,
    }
    return parse_spec(tree, "toy")


class Toy:
    """Writes the seed and its inputs' contents; counts how often it ran."""

    rooms: tuple[str, ...] = ("progress.py",)
    packages: tuple[str, ...] = ("pyyaml",)

    def __init__(self, name: str, *inputs: str, keys: tuple[str, ...] = ("seed",), fail: bool = False) -> None:
        self.name, self.inputs, self.keys, self.fail = name, inputs, keys, fail
        self.reusable = True
        self.runs = 0

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return spec.model_dump(mode="json", include=set(self.keys))

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        file = root / f"{self.name}.src"
        return {file.name: file.read_text()} if file.exists() else {}

    def run(self, context: StageContext) -> bool:
        self.runs += 1
        if self.fail:
            raise DataError("no")
        content = {"section": self.section(context.spec), "inputs": {n: a.digest for n, a in context.inputs.items()}}
        (context.out / "content.json").write_text(json.dumps(content))
        return self.reusable


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, tmp_path / "seatrial.yaml")


def voyage(project: Project, stages: list[Toy], spec: ProjectSpec | None = None) -> list[str]:
    heard: list[str] = []
    seen: list[str] = []
    with Store(project.store).locked():
        run_stages(
            project,
            spec or spec_with(),
            stages,
            progress=silent,
            heard=lambda stage, event, seconds: heard.append(f"{stage} {event}"),
            inspect=lambda stage, artifact: seen.append(f"{stage} {artifact.kind}"),
        )
    assert seen == [f"{line.split()[0]} {line.split()[0]}" for line in heard if not line.endswith("start")]
    return heard


def three() -> list[Toy]:
    return [Toy("prepare"), Toy("train", "prepare", keys=("training",)), Toy("accept", "prepare", "train", keys=())]


def test_a_second_run_reuses_everything(project: Project) -> None:
    assert voyage(project, three()) == [f"{s} {e}" for s in ("prepare", "train", "accept") for e in ("start", "done")]
    assert voyage(project, three()) == ["prepare reuse", "train reuse", "accept reuse"]


def test_a_change_runs_what_depends_on_it_and_going_back_runs_nothing(project: Project) -> None:
    voyage(project, three())
    changed = spec_with(training={"epochs": 2})
    planned = plan(project, changed, three())
    assert [stage.action for stage in planned] == ["reuse", "run", "run"]
    assert planned[1].reasons == ("training.epochs: nothing → 2",)
    assert planned[2].reasons == ("train runs before it",)
    heard = voyage(project, three(), changed)
    assert heard == ["prepare reuse", "train start", "train done", "accept start", "accept done"]
    assert voyage(project, three()) == ["prepare reuse", "train reuse", "accept reuse"]


def test_a_changed_source_is_named(project: Project) -> None:
    (project.root / "prepare.src").write_text("1")
    voyage(project, three())
    (project.root / "prepare.src").write_text("2")
    assert plan(project, spec_with(), three())[0].reasons == ("prepare.src changed",)


def test_an_equal_result_of_a_rerun_stage_stops_there(project: Project) -> None:
    (project.root / "prepare.src").write_text("1")
    voyage(project, three())
    (project.root / "prepare.src").write_text("2")  # Toy does not put its source into its output
    assert voyage(project, three()) == ["prepare start", "prepare done", "train reuse", "accept reuse"]


def test_a_damaged_artifact_is_made_again(project: Project) -> None:
    voyage(project, three())
    artifact = next((project.store / "artifacts").glob("train-*"))
    (artifact / "content.json").write_text("{}")
    assert voyage(project, three()) == ["prepare reuse", "train start", "train done", "accept reuse"]


def test_a_failing_stage_keeps_what_came_before(project: Project) -> None:
    stages = three()
    stages[1].fail = True
    with pytest.raises(DataError):
        voyage(project, stages)
    assert voyage(project, three())[0] == "prepare reuse"


def test_plan_writes_nothing(project: Project) -> None:
    planned = plan(project, spec_with(), three())
    assert [stage.reasons for stage in planned] == [
        ("it has not run yet",),
        ("prepare runs before it",),
        ("train runs before it",),
    ]
    assert not project.store.exists()


def test_an_upgraded_package_runs_its_stages_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    voyage(project, three())
    monkeypatch.setattr(machine, "version", lambda name: "99.0")
    reasons = plan(project, spec_with(), three())[0].reasons
    assert [reason.rpartition(" → ")[2] for reason in reasons] == ["99.0"]
    assert reasons[0].startswith("pyyaml ")
    assert voyage(project, three())[0] == "prepare start"


def test_a_result_that_is_measured_again_says_so(project: Project) -> None:
    stages = three()
    stages[2].reusable = False
    voyage(project, stages)
    assert plan(project, spec_with(), stages)[2].reasons == ("its last result is one that is always made anew",)
    assert voyage(project, stages) == ["prepare reuse", "train reuse", "accept start", "accept done"]


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import test_run as t
class Dying(t.Toy):
    def run(self, context):
        (context.out / "half").write_text("half")
        context.work.mkdir(parents=True)
        (context.work / "checkpoint").write_text("kept")
        os.kill(os.getpid(), signal.SIGKILL)
root = Path({root!r})
stages = t.three()
stages[1] = Dying("train", "prepare", keys=("training",))
t.voyage(t.Project(root, root / "seatrial.yaml"), stages)
"""


def test_after_kill_9_the_next_run_goes_on_and_sweeps_the_half_written(project: Project) -> None:
    code = KILLED.format(tests=str(Path(__file__).parent), root=str(project.root))
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    planned = plan(project, spec_with(), three())
    interrupted = "it was interrupted; it goes on from a checkpoint where it left one"
    assert planned[1].reasons == ("it has not run yet", interrupted)
    assert voyage(project, three()) == ["prepare reuse", "train start", "train done", "accept start", "accept done"]
    names = sorted(path.name.split("-")[0] for path in (project.store / "artifacts").iterdir())
    assert names == ["accept", "prepare", "train"]
    assert not list((project.store / "work").glob("train-*"))
