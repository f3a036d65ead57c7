"""A classifier is learned together with other projects: what is prepared, left out, told, refused, and made anew."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact.store import Store
from seatrial.data.dataset import read_split
from seatrial.errors import DataError, SpecError
from seatrial.models.fresh import fresh_model
from seatrial.pipeline.others import other_projects
from seatrial.pipeline.plan import plan
from seatrial.pipeline.references import check_references
from seatrial.pipeline.run import run_stages
from seatrial.pipeline.stages import MAIN_JOB, main_job
from seatrial.pipeline.stages.base import read_report
from seatrial.progress import silent
from seatrial.records import Artifact, Project
from seatrial.spec.language import NetworkSpec
from seatrial.spec.load import find_project, load_spec

WORDS = ("good", "fine", "great", "bad", "poor", "awful", "the", "film", "was", "book", "very")
DATA: dict[str, Any] = {"sources": [{"name": "rows", "path": "rows.jsonl"}], "dedupe": {"near": None}}
LABELLED = {**DATA, "columns": {"label": "label"}}
TRAINING = {"epochs": 2, "batch_items": 16, "device": "cpu", "precision": "fp32", "threads": 1}


def write(folder: Path, name: str, **tree: Any) -> Project:
    lines = [{"metric": "size_mb", "at_most": 5}]
    (folder / name).write_text(json.dumps({"name": Path(name).stem, "requirements": lines, **tree}))
    return find_project(folder / name)


def own(folder: Path, *together: dict[str, Any], name: str = "seatrial.yaml", **changes: Any) -> Project:
    model = {"base": "base", "max_length": 20}
    training = {**TRAINING, "together": list(together), **changes.pop("training", {})}
    return write(folder, name, **{"data": LABELLED, "model": model, "training": training, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A base of random weights, labelled rows, and the same texts and some more beside them."""
    rng = random.Random(4)
    rows = []
    for number in range(120):
        words = [*rng.choices(WORDS[6:], k=4), rng.choice(WORDS[:3] if number % 2 else WORDS[3:6]), str(number)]
        rows.append({"text": " ".join(words), "label": ("blame", "praise")[number % 2]})
    more = [{"text": f"{row['text'].upper()}  "} for row in rows] + [{"text": f"more {n} film"} for n in range(40)]
    for name, lines in (("rows", rows), ("more", more)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (tmp_path / "base").mkdir()
    network = NetworkSpec(layers=1, width=16, heads=2)
    texts = [row["text"] for row in rows]
    fresh_model(texts, network, None, kind="encoder", max_length=20, seed=1, out=tmp_path / "base", progress=silent)
    whole = {"train": 0.9, "validation": 0.05, "test": 0.05, "stratify": []}
    data = {"sources": [{"name": "more", "path": "more.jsonl"}], "dedupe": {"exact": False, "near": None}}
    write(tmp_path, "masked.yaml", task="masked-lm", data={**data, "split": whole})
    return tmp_path


def sailed(project: Project) -> dict[str, Artifact]:
    spec = load_spec(project.file)
    check_references(spec, project.root, fetch=True)
    stages = [stage for stage in main_job(spec) if stage.name in ("prepare", "together", "train")]
    with Store(project.store).locked():
        artifacts, _ = run_stages(
            project, spec, stages, progress=silent, heard=lambda *_: None, inspect=lambda *_: None
        )
    return dict(artifacts)


def test_a_masked_language_model_is_learned_beside_and_held_out_texts_are_not(folder: Path) -> None:
    artifacts = sailed(own(folder, {"project": "masked.yaml", "share": 0.4}))
    report = read_report(artifacts["train"])
    held_out = [e for split in ("validation", "test") for e in read_split(artifacts["prepare"].path, split)]
    texts = {" ".join(e.inputs["text"].casefold().split()) for e in held_out}
    others = read_split(artifacts["together"].path / "0", "train")
    met = sum(" ".join(e.inputs["text"].casefold().split()) in texts for e in others)
    (told,) = report.tables["together"]
    assert met > 0
    assert told == {
        "project": "masked",
        "task": "masked-lm",
        "share": 0.4,
        "weight": 1.0,
        "train": len(others) - met,
        "validation": len(read_split(artifacts["together"].path / "0", "validation")),
        "left_out": met,
    }
    assert {"accuracy", "masked.loss", "masked.perplexity"} <= set(report.series["validations"][-1])
    assert artifacts["train"].manifest["inputs"]["together"] == artifacts["together"].digest
    config = json.loads((artifacts["train"].path / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["BertForSequenceClassification"]


def test_what_changes_in_another_project_is_a_reason_to_train_again(folder: Path) -> None:
    project = own(folder, {"project": "masked"})
    sailed(project)
    spec = load_spec(project.file)
    assert [one.action for one in plan(project, spec, main_job(spec)[:3])] == ["reuse"] * 3
    with (folder / "more.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"text": "one more film"}) + "\n")
    before, beside, train = plan(project, spec, main_job(spec)[:3])
    assert before.action == "reuse"
    assert beside.reasons == ("source more of masked changed",)
    assert train.reasons == ("together runs before it",)


def test_a_masked_language_model_of_ours_is_learned_beside_a_classifier(folder: Path) -> None:
    praise = write(folder, "praise.yaml", data=LABELLED)
    data = {"sources": [{"name": "more", "path": "more.jsonl"}], "dedupe": {"exact": False, "near": None}}
    project = own(
        folder,
        {"project": praise.file.name, "share": 0.5},
        task="masked-lm",
        data=data,
        model={"network": {"layers": 1, "width": 16, "heads": 2}, "max_length": 20},
    )
    artifacts = sailed(project)
    assert read_report(artifacts["train"]).series["validations"][-1]["praise.accuracy"] >= 0
    config = json.loads((artifacts["train"].path / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["BertForMaskedLM"]


def test_without_others_the_stages_are_as_they_were(folder: Path) -> None:
    spec = load_spec(own(folder).file)
    assert main_job(spec) is MAIN_JOB
    assert [stage.name for stage in main_job(load_spec(own(folder, {"project": "masked"}).file))] == [
        "prepare",
        "together",
        *(stage.name for stage in MAIN_JOB[1:]),
    ]


def test_two_projects_of_one_name_are_told_apart(folder: Path) -> None:
    tree = json.loads((folder / "masked.yaml").read_text(encoding="utf-8"))
    (folder / "again.yaml").write_text(json.dumps(tree), encoding="utf-8")
    project = own(folder, {"project": "masked", "share": 0.2}, {"project": "again", "share": 0.2})
    assert [one.name for one in other_projects(load_spec(project.file), folder)] == ["masked", "masked-2"]


WRITER = {"task": "causal-lm", "data": DATA, "model": {"base": "base"}}


@pytest.mark.parametrize(
    ("changes", "other", "message"),
    [
        (
            {},
            {"task": "causal-lm", "data": DATA},
            "the task causal-lm has no body that text-classification could share",
        ),
        (WRITER, {"task": "causal-lm", "data": DATA}, "both projects have the task causal-lm"),
        (WRITER, {"data": LABELLED}, "the task causal-lm has no body that text-classification could share"),
        ({"training": {"adapt": "head"}}, {"data": LABELLED}, "only the head learns"),
        ({}, {"data": {**LABELLED, "columns": {"label": "lable"}}}, "lable"),
        ({}, {"data": DATA}, "name the column that holds the label"),
    ],
)
def test_what_cannot_be_learned_together_is_said_before_anything_runs(
    changes: dict[str, Any], other: dict[str, Any], message: str, folder: Path
) -> None:
    write(folder, "other.yaml", **other)
    project = own(folder, {"project": "other"}, **changes)
    with pytest.raises((SpecError, DataError), match=message):
        check_references(load_spec(project.file), folder, fetch=True)


def test_a_mistake_in_another_project_names_its_file(folder: Path) -> None:
    write(folder, "other.yaml", data=DATA)
    with pytest.raises(SpecError) as caught:
        check_references(load_spec(own(folder, {"project": "other"}).file), folder, fetch=True)
    assert str(caught.value.where).startswith(f"{folder / 'other.yaml'}: data")
    with pytest.raises(SpecError, match="there is no project at nowhere"):
        check_references(load_spec(own(folder, {"project": "nowhere"}).file), folder, fetch=True)


def test_shares_must_leave_something_for_the_own_task(folder: Path) -> None:
    beside = {"project": "masked", "share": 0.5}
    with pytest.raises(SpecError, match="leave no batch"):
        load_spec(own(folder, beside, beside).file)
