"""A release as the model that redaction asks: places in the text, batches, and what cannot be asked."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from seatrial.data.prepare import prepare
from seatrial.errors import ArtifactError, SpecError
from seatrial.pipeline.release_entities import ReleaseEntities, entity_digests, open_entities_in, open_release
from seatrial.progress import silent
from seatrial.records import Release, Span
from seatrial.spec.load import parse_spec
from seatrial.tasks import TASKS

from .toy_entities import entity_release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return entity_release(tmp_path_factory.mktemp("project") / "release")


def test_entities_have_their_places_whatever_the_batch(release: Path) -> None:
    model = open_release("release", root=release.parent)
    assert model.labels == ("PER", "LOC")
    long = "to " * 40 + "zorro blick"
    texts = ["it is zorro blick!", "", "nobody", long, "atlantis, zorro"] * 60
    found = [[span for span, _ in its] for its in model(texts)]
    assert found[:5] == [
        [Span(6, 17, "PER")],
        [],
        [],
        [Span(120, 131, "PER")],
        [Span(0, 8, "LOC"), Span(10, 15, "PER")],
    ]
    assert found == found[:5] * 60
    assert all(score > 0.9 for its in model(texts[:5]) for _, score in its)


def test_what_opens_models_can_be_sent_and_finds_projects(release: Path) -> None:
    opener = pickle.loads(pickle.dumps(open_entities_in(release.parent.parent)))
    assert opener(release.parent.name).labels == ("PER", "LOC")
    with pytest.raises(ArtifactError, match="there is no release"):
        opener("elsewhere")


def test_a_release_that_changes_texts_or_marks_nothing_is_refused(tmp_path: Path) -> None:
    class Vectors:
        output_name = "embedding"
        release = Release(tmp_path, "toy", "0", "embedding", (), tmp_path, tmp_path, 1.0, 8, dimensions=2)

    with pytest.raises(SpecError, match="toy is a release of the task embedding, which marks no parts"):
        ReleaseEntities(Vectors())  # type: ignore[arg-type]
    entity_release(tmp_path / "cleaning", clean=("lowercase",))
    with pytest.raises(SpecError, match="changes texts before it reads them"):
        open_release("cleaning", root=tmp_path)


def test_a_project_prepares_with_it_and_follows_it(release: Path, tmp_path: Path) -> None:
    step = {"redact": {"names_from": str(release), "entities": ["email"], "names_labels": {"PER": "name"}}}
    rows = [
        {"text": f"{number} zorro blick of atlantis, a{number}@example.org", "label": "ab"[number % 2]}
        for number in range(600)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    spec = parse_spec(
        {
            "name": "toy",
            "data": {
                "sources": [{"name": "a", "path": "a.jsonl"}],
                "columns": {"label": "label"},
                "clean": ["lowercase", step],
                "dedupe": {"near": None},
            },
            "requirements": [{"metric": "size_mb", "at_most": 50}],
        },
        "toy",
    )
    (digest,) = entity_digests(spec.data.clean, tmp_path).values()
    assert digest.startswith(open_release(str(release), root=tmp_path).version)
    arguments = {"task": TASKS.get(spec.task)(), "labels": [], "root": tmp_path, "seed": 1, "progress": silent}
    out = tmp_path / "out"
    out.mkdir()
    report = prepare(spec.data, out=out, open_entities=open_entities_in(tmp_path), **arguments)
    counts = {(row["step"], row["change"]): row["count"] for row in report.tables["cleaned"]}
    assert counts == {("redact", "name"): 600, ("redact", "email"): 600}
    texts = [json.loads(line)["inputs"]["text"] for line in (out / "train.jsonl").read_text().splitlines()]
    assert all(text.endswith("[NAME] of atlantis, [EMAIL]") for text in texts)
    with pytest.raises(SpecError, match="none can be opened here"):
        prepare(spec.data, out=out, **arguments)
