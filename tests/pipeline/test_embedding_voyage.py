"""The whole voyage of a task whose outputs are no labels, with a toy model: with a column of labels, and without."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.export.golden import TOLERANCE, read_golden
from seatrial.export.release import load_release
from seatrial.govern.card import model_card
from seatrial.pipeline.plan import plan
from seatrial.pipeline.stages import MAIN_JOB
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Project
from seatrial.report.html import report_page
from seatrial.spec.load import parse_spec
from seatrial.spec.project import ProjectSpec

from ..train.toy import LABELS, WORDS, toy_base, toy_examples

pytestmark = pytest.mark.slow

DIMENSIONS = 16
SERVICE = [{"metric": "p95_ms", "at_most": 5000}, {"metric": "size_mb", "at_most": 1}]
LIKENESS = {"metric": "cosine_to_source", "at_least": 0.95, "confidence": 0.95}
NEIGHBOURS = [
    {"metric": "neighbour_accuracy", "at_least": 0.6, "confidence": 0.9},
    {"metric": "neighbour_accuracy", "at_least": 0.05, "over": "majority"},
    {"metric": "neighbour_accuracy", "at_least": 0.5, "where": {"half": "even"}},
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding")
    (folder / "base").mkdir()
    toy_base(folder / "base")
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "half"])
        for place, example in enumerate(toy_examples(400, 1)):
            words = example.inputs["text"].split()
            words += [word for word in words if word in WORDS[4:10]] * 3  # the word that decides outweighs the others
            writer.writerow([f"{' '.join(words)} {place}", example.label, ("even", "odd")[place % 2]])
    return folder


def project(requirements: list[dict[str, Any]], *, labelled: bool, **changes: Any) -> ProjectSpec:
    raw = {
        "name": "toy-vectors",
        "task": "embedding",
        "data": {
            "sources": [{"name": "data", "path": "data.csv"}],
            "columns": {"label": "label"} if labelled else {},
            "slices": ["half"],
            "dedupe": {"near": None},
        },
        "model": {"base": "base", "max_length": 20},
        "evaluation": {"opponents": ["majority"], "resamples": 200},
        "compression": {"methods": ["fp32", "int8-dynamic"]},
        "requirements": requirements,
        "serving": {"latency_requests": 20, "threads": 1},
    }
    return parse_spec({**raw, **changes}, "toy-vectors")


def voyage(root: Path, spec: ProjectSpec) -> Outcome:
    return sail(
        Project(root, root / "seatrial.yaml"),
        spec,
        render=report_page,
        progress=silent,
        heard=lambda stage, event, seconds: None,
    )


@pytest.fixture(scope="module")
def outcome(root: Path) -> Outcome:
    return voyage(root, project([LIKENESS, *NEIGHBOURS, *SERVICE], labelled=True))


def test_the_contract_is_met_and_a_release_written(outcome: Outcome) -> None:
    assert outcome.accepted, outcome.trial.verdict.as_dict()
    assert outcome.release is not None
    release = load_release(outcome.release)
    assert (release.task, release.labels, release.dimensions, release.temperature) == ("embedding", (), DIMENSIONS, 1.0)
    assert outcome.trial.labels == LABELS, "the data's labels are for measuring"
    assert outcome.trial.dimensions == DIMENSIONS
    for result in outcome.trial.verdict.results:
        assert result.met, result
    measured = outcome.trial.reports["evaluate"].find("neighbour_accuracy")
    assert measured is not None
    assert measured.interval is not None
    assert outcome.trial.reports["evaluate"].find("neighbour_accuracy", system="majority") is not None
    assert "ece_after" not in outcome.trial.reports["evaluate"].facts, "shares of neighbours are no probabilities"


def test_the_base_is_taken_as_it_is(outcome: Outcome, root: Path) -> None:
    from safetensors.numpy import load_file

    assert outcome.release is not None
    before, after = load_file(root / "base" / "model.safetensors"), load_file(outcome.release / "model.safetensors")
    assert before.keys() == after.keys()
    for name, weight in before.items():
        np.testing.assert_array_equal(weight, after[name])
    assert outcome.trial.reports["train"].facts["trainable_parameters"] == 0


def test_the_served_file_computes_what_sentence_transformers_defines(outcome: Outcome) -> None:
    """Mean of the last hidden states under the mask, then unit length: written out here, by hand."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from seatrial.serve.engine import Engine

    assert outcome.release is not None
    texts = ["the film was great", "bad", "awful awful film was the poor"]
    tokenizer = AutoTokenizer.from_pretrained(outcome.release)
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    model = AutoModel.from_pretrained(outcome.release).eval()
    with torch.inference_mode():
        hidden = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1).float()
    expected = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
    engine = Engine(load_release(outcome.release), 1)
    found = engine.outputs(engine.tokenize(texts))
    assert found.dtype == np.float32
    served = {candidate.name for candidate in outcome.trial.candidates if candidate.chosen}
    tolerance = 1e-5 if served == {"fp32"} else 0.15
    np.testing.assert_allclose(found, expected, atol=tolerance)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_other_libraries_find_the_pooling(outcome: Outcome) -> None:
    assert outcome.release is not None
    modules = json.loads((outcome.release / "modules.json").read_text())
    assert [module["type"].rpartition(".")[2] for module in modules] == ["Transformer", "Pooling", "Normalize"]
    pooling = json.loads((outcome.release / "1_Pooling" / "config.json").read_text())
    assert pooling["word_embedding_dimension"] == DIMENSIONS
    assert [key for key, value in pooling.items() if value is True] == ["pooling_mode_mean_tokens"]
    assert json.loads((outcome.release / "sentence_bert_config.json").read_text())["max_seq_length"] == 20


def test_the_engine_gives_the_golden_answers(outcome: Outcome) -> None:
    from seatrial.serve.engine import Engine

    assert outcome.release is not None
    golden = read_golden(outcome.release)
    assert golden is not None
    assert len(golden.texts) == 16
    assert golden.labels == ()
    assert len({len(text) for text in golden.texts}) > 4, "texts of different lengths"
    engine = Engine(load_release(outcome.release), 1)
    alone = np.concatenate([engine.outputs(ids) for ids in ([ids] for ids in engine.tokenize(golden.texts))])
    assert golden.differs(alone) is None
    assert golden.differs(alone[::-1]) is not None
    assert golden.tolerance == TOLERANCE


def test_page_and_card_show_what_is_there(outcome: Outcome) -> None:
    page, card = report_page(outcome.trial), model_card(outcome.trial)
    assert "an embedding model with vectors of 16 numbers" in page
    assert "Nothing was trained" in page
    assert "nearest-neighbour accuracy" in page
    assert "Calibration" not in page
    assert "Cosine with uncompressed" in page
    assert "SentenceTransformer" in card
    assert "pipeline_tag: sentence-similarity" in card
    assert "softmax" not in card


def test_nothing_runs_twice(outcome: Outcome, root: Path) -> None:
    spec = project([LIKENESS, *NEIGHBOURS, *SERVICE], labelled=True)
    assert {stage.action for stage in plan(Project(root, root / "seatrial.yaml"), spec, MAIN_JOB)} == {"reuse"}


def test_data_without_labels_make_a_release_too(root: Path, tmp_path: Path) -> None:
    for name in ("base", "data.csv"):
        (tmp_path / name).symlink_to(root / name)
    found = voyage(tmp_path, project([LIKENESS, *SERVICE], labelled=False))
    assert found.accepted, found.trial.verdict.as_dict()
    assert found.trial.labels == ()
    assert found.trial.reports["evaluate"].measurements == ()
    page, card = report_page(found.trial), model_card(found.trial)
    assert "Examples by split" in page
    assert "Confusion" not in page
    assert "Opponents" not in page
    assert "| all |" in card
    assert "nan" not in card.lower().replace("nanny", "")


@pytest.mark.parametrize(
    ("requirement", "labelled", "where", "said"),
    [
        (NEIGHBOURS[0], False, "requirements.0.metric", "needs labels"),
        ({"metric": "accuracy", "at_least": 0.5}, True, "requirements.0.metric", "gives neighbours"),
        (
            {"metric": "agreement", "at_least": 0.5},
            True,
            "requirements.0.metric",
            "not measured for the task embedding",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_runs(
    root: Path, requirement: dict[str, Any], labelled: bool, where: str, said: str
) -> None:
    with pytest.raises(SpecError, match=said) as caught:
        voyage(root, project([requirement], labelled=labelled))
    assert caught.value.where == where


def test_training_settings_of_a_task_that_trains_nothing_are_refused(root: Path) -> None:
    with pytest.raises(SpecError, match="nothing to train"):
        voyage(root, project([LIKENESS], labelled=True, training={"epochs": 2}))
