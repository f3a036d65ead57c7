"""Project files of one folder go on from one another's releases: a language model, a classifier, another classifier."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact.manifest import manifest_digest, verify
from seatrial.errors import ArtifactError, ResolveError, SpecError
from seatrial.pipeline.references import check_references
from seatrial.pipeline.run import run_stages
from seatrial.pipeline.stages import MAIN_JOB
from seatrial.pipeline.stages.base import read_report
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Project, Report
from seatrial.report.html import report_page
from seatrial.spec.load import find_project, load_spec

GOOD, BAD, REST = ("good", "fine", "great"), ("bad", "poor", "awful"), ("the", "film", "was", "book", "very")
DATA: dict[str, Any] = {"sources": [{"name": "rows", "path": "rows.jsonl"}], "dedupe": {"near": None}}
TRAINING = {"steps": 6, "batch_items": 16, "device": "cpu", "precision": "fp32"}
ENCODER = {"network": {"layers": 1, "width": 16, "heads": 2}, "max_length": 20}
CLASSIFIER = {"training": TRAINING, "compression": {"methods": ["fp32"]}, "evaluation": {"resamples": 100}}


def write(folder: Path, name: str, **tree: Any) -> Project:
    lines = [{"metric": "size_mb", "at_most": 5}]
    (folder / name).write_text(json.dumps({"name": Path(name).stem, "requirements": lines, **tree}))
    return find_project(folder / name)


def sailed(project: Project) -> Outcome:
    spec = load_spec(project.file)
    return sail(project, spec, render=report_page, progress=silent, heard=lambda *_: None)


def trained(project: Project) -> Report:
    """The report of training; nothing after it is run."""
    spec = load_spec(project.file)
    check_references(spec, project.root, fetch=True)
    artifacts, _ = run_stages(
        project, spec, MAIN_JOB[:2], progress=silent, heard=lambda *_: None, inspect=lambda *_: None
    )
    return read_report(artifacts["train"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data, the release of a masked language model, and that of a classifier made from it."""
    root = tmp_path_factory.mktemp("chain")
    rng = random.Random(4)
    with (root / "rows.jsonl").open("w", encoding="utf-8") as file:
        for number in range(160):
            good = bool(number % 2)
            words = [*rng.choices(REST, k=4), rng.choice(GOOD if good else BAD), str(number)]
            tags = ["O"] * 4 + ["B-PRAISE" if good else "B-BLAME", "O"]
            row = {"text": " ".join(words), "label": "praise" if good else "blame", "tokens": words, "tags": tags}
            file.write(json.dumps({**row, "other": "long" if number > 80 else "short"}) + "\n")
    masked = write(root, "masked.yaml", task="masked-lm", data=DATA, model=ENCODER, training=TRAINING)
    assert sailed(masked).accepted
    praise = write(
        root,
        "praise.yaml",
        data={**DATA, "columns": {"label": "label"}},
        model={"base": "masked.yaml", "max_length": 20},
        serving={"latency_requests": 20},
        **CLASSIFIER,
    )
    outcome = sailed(praise)
    assert outcome.accepted
    return root


def test_each_project_file_has_a_release_of_its_own(folder: Path) -> None:
    releases = {path.parent.relative_to(folder).as_posix() for path in folder.glob("*/release/manifest.json")}
    assert releases == {"masked/release", "praise/release"}
    assert not (folder / ".seatrial").exists()


def test_the_lineage_names_the_release_that_it_goes_on_from(folder: Path) -> None:
    base = json.loads((folder / "praise/.seatrial/trial.json").read_text(encoding="utf-8"))["lineage"]["base"]
    assert base["model"] == "masked.yaml"
    assert (base["project"], base["task"]) == ("masked", "masked-lm")
    assert base["release"] == manifest_digest(verify(folder / "masked/release"))
    assert base["head"] == "new; that of the base, for masked-lm, was dropped"
    for name in ("README.md", "report.html"):
        assert base["release"][:12] in (folder / "praise/release" / name).read_text(encoding="utf-8")


def classifier(folder: Path, base: str, column: str) -> Report:
    return trained(
        write(
            folder,
            f"{column}.yaml",
            data={**DATA, "columns": {"label": column}},
            model={"base": base, "max_length": 20},
            **CLASSIFIER,
        )
    )


def test_a_head_for_other_labels_is_dropped_and_said_even_where_it_fits(folder: Path) -> None:
    report = classifier(folder, "praise", "other")
    assert (
        report.facts["base"]["head"]
        == "new; that of the base, for text-classification with the labels blame, praise, was dropped"
    )
    assert classifier(folder, "praise/release", "label").facts["base"]["head"] == "kept"


def test_the_body_is_kept_and_only_a_foreign_head_is_drawn_anew(folder: Path) -> None:
    import torch

    from seatrial.tasks.text_classification import TextClassification

    release = folder / "praise/release"
    same, other = (
        TextClassification().load_model(release, labels, None).state_dict()
        for labels in (("blame", "praise"), ("long", "short"))
    )
    unlike = {name for name in same if not torch.equal(same[name], other[name])}
    assert unlike == {"classifier.weight", "classifier.bias"}


@pytest.mark.parametrize("base", ["masked", "masked/release", "../{root}/masked.yaml"])
def test_parts_of_texts_are_learned_from_a_masked_language_model(base: str, folder: Path) -> None:
    project = write(
        folder,
        "names.yaml",
        task="token-classification",
        data={**DATA, "columns": {"tokens": "tokens", "tags": "tags"}},
        model={"base": base.format(root=folder.name), "max_length": 20},
        **CLASSIFIER,
    )
    report = trained(project)
    assert report.facts["base"]["project"] == "masked"
    assert report.facts["base"]["head"].startswith("new; that of the base, for masked-lm")


def test_a_network_of_another_kind_is_refused(folder: Path) -> None:
    project = write(
        folder,
        "writer.yaml",
        task="causal-lm",
        data=DATA,
        model={"base": "praise", "max_length": 20},
        training=TRAINING,
    )
    with pytest.raises(SpecError, match="praise is an encoder, and the task causal-lm learns with a decoder") as caught:
        trained(project)
    assert caught.value.where == "model.base"


def test_a_project_without_a_release_says_whether_it_was_run(folder: Path) -> None:
    write(folder, "later.yaml", task="masked-lm", data=DATA, model=ENCODER)
    for base in ("later", "later.yaml", "later/release"):
        with pytest.raises(ResolveError, match="has no release yet") as caught:
            classifier(folder, base, "label")
        assert f"seatrial run {folder / 'later.yaml'}" in str(caught.value.hint)
    with pytest.raises(ResolveError, match="there is no such project file"):
        classifier(folder, "latter.yaml", "label")
    (folder / "later/.seatrial").mkdir(parents=True)
    (folder / "later/.seatrial/trial.json").write_text("{}")
    with pytest.raises(ResolveError, match="did not meet its contract"):
        classifier(folder, "later", "label")


def test_an_altered_release_is_no_base(folder: Path) -> None:
    file = folder / "masked/release/README.md"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole + " ", encoding="utf-8")
    try:
        with pytest.raises(ArtifactError, match=r"README.md was altered"):
            classifier(folder, "masked", "other")
    finally:
        file.write_text(whole, encoding="utf-8")
