"""The whole voyage with a toy model: a release, what loads from it, and what a missed contract leaves alone."""

from __future__ import annotations

import csv
import json
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.artifact.store import Store
from seatrial.errors import ArtifactError, SpecError
from seatrial.export.release import load_release
from seatrial.pipeline.voyage import Outcome, last_trial, sail
from seatrial.progress import silent
from seatrial.records import Project, Trial
from seatrial.spec.load import parse_spec

from ..train.toy import toy_base, toy_examples

pytestmark = pytest.mark.slow

STAGES = ("prepare", "train", "inspect", "evaluate", "compress", "accept")
REQUIREMENTS: list[dict[str, Any]] = [
    {"metric": "accuracy", "at_least": 0.7},
    {"metric": "accuracy", "at_least": 0.5, "confidence": 0.9, "where": {"half": "even"}},
    {"metric": "accuracy", "at_least": 0.05, "over": "majority"},
    {"metric": "p95_ms", "at_most": 5000},
    {"metric": "size_mb", "at_most": 1},
    {"metric": "agreement", "at_least": 0.9},
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voyage")
    (folder / "base").mkdir()
    toy_base(folder / "base")
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "half"])
        for place, example in enumerate(toy_examples(400, 1)):
            writer.writerow([example.inputs["text"] + f" {place}", example.label, ("even", "odd")[place % 2]])
        writer.writerow([example.inputs["text"] + f" {place}", example.label, "odd"])  # a copy, to be left out
    return folder


def voyage(
    root: Path,
    requirements: list[dict[str, Any]],
    heard: list[str] | None = None,
    noted: list[str] | None = None,
    releases: dict[str, str] | None = None,
) -> Outcome:
    spec = parse_spec(
        {
            "name": "toy",
            "data": {
                "sources": [{"name": "data", "path": "data.csv"}],
                "columns": {"label": "label"},
                "slices": ["half"],
                "dedupe": {"near": None},
                "augment": [{"method": "repeat", "share": 0.1}],
            },
            "model": {"base": "base", "max_length": 20},
            "training": {"epochs": 6, "learning_rate": 5e-3, "batch_items": 8, "precision": "fp32", "threads": 1},
            "evaluation": {"opponents": ["majority"], "resamples": 200, "releases": releases or {}},
            "compression": {"methods": ["fp32"]},
            "requirements": requirements,
            "serving": {"latency_requests": 20, "threads": 1},
        },
        "toy",
    )
    events = [] if heard is None else heard
    return sail(
        Project(root, root / "seatrial.yaml"),
        spec,
        render=lambda trial: f"<title>{trial.project}</title>",
        progress=silent,
        heard=lambda stage, event, seconds: events.append(f"{stage} {event}"),
        noted=([] if noted is None else noted).append,
    )


@pytest.fixture(scope="module")
def outcome(root: Path) -> Outcome:
    """The first voyage, with the network forbidden and every connection that leaves this machine a failure."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or ip_address(address[0]).is_loopback, f"a connection to {address}"
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEATRIAL_OFFLINE", "1")
        patch.setattr(socket.socket, "connect", only_here)
        return voyage(root, REQUIREMENTS)


def test_the_contract_is_met_and_a_release_written(outcome: Outcome) -> None:
    assert outcome.accepted, outcome.trial.verdict.as_dict()
    assert outcome.release is not None
    names = {path.relative_to(outcome.release).as_posix() for path in outcome.release.rglob("*") if path.is_file()}
    assert names >= {
        "DATASHEET.md", "README.md", "config.json", "manifest.json", "model.safetensors", "onnx/model.onnx",
        "report.html", "tokenizer.json", "verdict.json",
    }  # fmt: skip
    assert "Yes, for the training split only" in (outcome.release / "DATASHEET.md").read_text(encoding="utf-8")
    assert outcome.trial.reports["prepare"].facts["augmented"] == 28
    verdict = json.loads((outcome.release / "verdict.json").read_text())
    assert verdict["accepted"] is True
    assert [row["met"] for row in verdict["verdict"]] == [True] * len(REQUIREMENTS)
    assert outcome.trial.test_uses == 1
    assert outcome.trial.reports["evaluate"].find("accuracy") is not None


def test_the_release_loads_in_transformers_and_alone(outcome: Outcome) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    from seatrial.serve.engine import Engine

    assert outcome.release is not None
    release = load_release(outcome.release)
    model = AutoModelForSequenceClassification.from_pretrained(outcome.release).eval()
    encoded = AutoTokenizer.from_pretrained(outcome.release)("the film was great", return_tensors="pt")
    classify = pipeline("text-classification", model=str(outcome.release))
    assert classify("great film " * 500, truncation=True)[0]["label"] in release.labels, "the snippet of the card"
    said = model.config.id2label[model(**encoded).logits.argmax().item()]
    engine = Engine(release, 1)
    assert engine.describe(engine.outputs(engine.tokenize(["the film was great"]))[0], "")["label"] == said


def test_the_engine_gives_the_golden_answers(outcome: Outcome) -> None:
    from seatrial.export.golden import read_golden
    from seatrial.serve.engine import Engine

    assert outcome.release is not None
    golden, release = read_golden(outcome.release), load_release(outcome.release)
    assert golden is not None
    assert golden.labels == release.labels
    assert len(golden.texts) == 16
    engine = Engine(release, 1)
    alone = np.concatenate([engine.outputs([ids]) for ids in engine.tokenize(golden.texts)])
    assert golden.differs(alone) is None
    assert "instead of" in str(golden.differs(alone[:, ::-1]))
    best = np.sort(golden.outputs, axis=1)
    assert (best[:, -1] - best[:, -2] > 2 * golden.tolerance).all(), "no allowed difference can turn a label"


def test_the_data_are_looked_at_in_the_tokens_that_the_model_reads(outcome: Outcome) -> None:
    report = outcome.trial.reports["inspect"]
    assert {row["part"]: row["rows"] for row in report.tables["parts"]} == {"train": 280, "validation": 40, "test": 80}
    assert [row["unit"] for row in report.tables["lengths"]] == ["characters", "words", "tokens"]
    assert report.tables["leaks"] == []
    assert len(report.tables["samples"]) == 5


def test_the_trial_survives_its_json_form(outcome: Outcome, root: Path) -> None:
    page, raw = last_trial(Project(root, root / "seatrial.yaml"))
    assert page.read_text() == "<title>toy</title>"
    assert Trial.from_dict(raw) == Trial.from_dict(json.loads(json.dumps(raw)))
    assert Trial.from_dict(raw).verdict == outcome.trial.verdict


def test_nothing_runs_twice(outcome: Outcome, root: Path) -> None:
    heard: list[str] = []
    again = voyage(root, REQUIREMENTS, heard)
    assert heard == [f"{stage} reuse" for stage in STAGES]
    assert again.trial.test_uses == 1
    assert again.trial == outcome.trial


def test_an_equal_release_is_left_alone(outcome: Outcome, root: Path) -> None:
    before = (root / "release").stat().st_ino
    voyage(root, REQUIREMENTS)
    assert (root / "release").stat().st_ino == before


def test_a_damaged_release_is_made_again_and_leftovers_of_a_killed_run_go(outcome: Outcome, root: Path) -> None:
    (root / "release" / "verdict.json").write_text("{}")
    (root / ".release.abc.tmp").mkdir()
    voyage(root, REQUIREMENTS)
    load_release(root / "release")
    assert not list(root.glob(".release.*"))


def test_a_release_set_aside_by_a_killed_run_is_back_even_if_the_contract_is_missed(
    outcome: Outcome, root: Path
) -> None:
    version = load_release(root / "release").version
    aside = root / ".release.abc.old"
    aside.mkdir()
    (root / "release").rename(aside / "old")
    assert not voyage(root, [*REQUIREMENTS, {"metric": "p95_ms", "at_most": 0.001}]).accepted
    assert load_release(root / "release").version == version


def test_two_voyages_do_not_share_a_project(outcome: Outcome, root: Path) -> None:
    with Store(root / ".seatrial").locked(), pytest.raises(ArtifactError, match="another run"):
        voyage(root, REQUIREMENTS)


def test_candidates_leave_nothing_behind_but_artifacts(outcome: Outcome, root: Path) -> None:
    names = {path.name.split("-")[0] for path in (root / ".seatrial" / "artifacts").iterdir()}
    assert names == set(STAGES)
    assert not list((root / ".seatrial" / "work").glob("*"))
    assert {path.name for path in next((root / ".seatrial" / "artifacts").glob("compress-*")).iterdir()} == {
        "candidates.json", "fp32.onnx", "manifest.json", "predictions.npz", "report.json",
    }  # fmt: skip


def test_a_folder_that_no_run_made_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "thesis.txt").write_text("years of work")
    with pytest.raises(ArtifactError, match="not made by a run"):
        voyage(tmp_path, REQUIREMENTS)
    assert (tmp_path / "release" / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / ".seatrial").exists()


@pytest.mark.parametrize(
    "impossible",
    [
        {"metric": "log_loss", "at_most": 0},
        {"metric": "p95_ms", "at_most": 0.001},
    ],
)
def test_a_missed_contract_releases_nothing_and_leaves_the_old_release(
    outcome: Outcome, root: Path, impossible: dict[str, Any]
) -> None:
    before = load_release(root / "release").version
    missed = voyage(root, [*REQUIREMENTS, impossible])
    assert not missed.accepted
    assert missed.trial.verdict.missed[-1].why
    assert len(missed.trial.verdict.results) == len(REQUIREMENTS) + 1, "the whole contract is shown"
    assert missed.as_dict()["release"] is None
    assert load_release(root / "release").version == before
    assert missed.trial.test_uses == 1, "the same model file on the same examples is no new look"


def test_a_slice_that_no_example_is_in_stops_before_training(root: Path) -> None:
    heard: list[str] = []
    with pytest.raises(SpecError, match="no example of the test split has half=evn") as caught:
        voyage(root, [*REQUIREMENTS, {"metric": "accuracy", "at_least": 0, "where": {"half": "evn"}}], heard)
    assert caught.value.hint == "did you mean 'even'?"
    assert [event for event in heard if not event.startswith("prepare")] == []


def test_rows_left_out_are_told_after_prepare_also_when_it_is_reused(outcome: Outcome, root: Path) -> None:
    noted: list[str] = []
    again = voyage(root, REQUIREMENTS, noted=noted)
    assert len(noted) == 1
    assert noted[0].startswith("1 of 401 rows left out: exact copy (1); see ")
    assert Path(noted[0].partition("; see ")[2]).is_file()
    assert again.as_dict()["left_out"] == {"exact copy": 1}
    assert again.as_dict()["warnings"] == list(again.warnings) == []


def test_an_earlier_release_is_an_opponent(outcome: Outcome, root: Path) -> None:
    """Here it is the same model, so that nothing is between them."""
    lines = [*REQUIREMENTS, {"metric": "accuracy", "over": "earlier", "at_least": 0, "split": "validation"}]
    again = voyage(root, lines, releases={"earlier": "."})
    assert again.accepted, again.trial.verdict.as_dict()
    assert again.trial.verdict.results[-1].measured == 0
    assert again.trial.verdict.results[-1].interval is not None
    assert again.trial.reports["evaluate"].find("accuracy", system="earlier") is not None
    with pytest.raises(ArtifactError, match="there is no release"):
        voyage(root, lines, releases={"earlier": "nowhere"})
