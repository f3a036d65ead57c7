"""A decoder sails to a release whose graph was judged, measured and is served; what is served is what was judged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.artifact.manifest import write_manifest
from seatrial.errors import ArtifactError, SpecError
from seatrial.export.bare_model import is_bare_model
from seatrial.export.golden_tokens import read_golden_tokens
from seatrial.export.release import load_release
from seatrial.models.quiet import quiet_transformers
from seatrial.pipeline.preflight import preflight
from seatrial.pipeline.voyage import Outcome
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.loading import load_in_service
from seatrial.serve.settings import ServeSettings
from seatrial.spec.load import parse_spec

from .test_language_voyage import project, sailed

SERVABLE = {"layers": 1, "width": 32, "heads": 2}
SETTINGS = ServeSettings(threads=1, generate_slots=1)
LINES = [
    {"metric": "size_mb", "at_most": 1},
    {"metric": "bits_per_byte", "at_most": 20},
    {"metric": "agreement", "at_least": 0.5},
    {"metric": "tokens_per_s", "at_least": 0.01},
    {"metric": "ttft_p95_ms", "at_most": 1e6},
    {"metric": "tpot_p50_ms", "at_most": 1e6},
    {"metric": "p95_ms", "at_most": 1e6},
]


def decoder_project(folder: Path, **changes: Any) -> dict[str, Any]:
    tree = project(folder, "causal-lm", requirements=LINES)
    tree["model"]["network"] = SERVABLE
    tree["serving"] = {"latency_answers": 20, "threads": 1}
    return {**tree, **changes}


@pytest.fixture(scope="module", autouse=True)
def one_round() -> Iterator[None]:
    """Services are started once for each candidate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seatrial.pipeline.decoder_acceptance.ROUNDS", 1)
        yield


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("decoder")
    return sailed(folder, decoder_project(folder))


def test_every_precision_is_a_candidate_with_its_figures(outcome: Outcome) -> None:
    assert outcome.accepted, outcome.trial.verdict
    trial = outcome.trial
    assert {candidate.name for candidate in trial.candidates} == {"fp32", "int8", "int4"}
    parity = {row["candidate"]: row for row in trial.reports["compress"].tables["parity"]}
    assert parity["fp32"]["agreement"] == 1
    assert parity["fp32"]["max_abs"] < 1e-3
    assert parity["int8"]["size_mb"] < parity["fp32"]["size_mb"]
    speeds = {row["candidate"]: row for row in trial.reports["accept"].tables["latency"]}
    for row in speeds.values():
        assert (row["prompt_tokens"], row["answer_tokens"]) == (12, 12)  # halves of a context of 24
        assert row["requests"] >= 20
        assert 0 < row["ttft_p50_ms"] <= row["p50_ms"]
        assert row["tokens_per_s"] > 0
    measured = {result.requirement.metric: result.measured for result in trial.verdict.results}
    chosen = speeds[trial.verdict.candidate]
    assert measured["tokens_per_s"] == chosen["tokens_per_s"]
    assert measured["p95_ms"] == chosen["p95_ms"]


def test_the_graph_is_judged_and_not_the_network(outcome: Outcome) -> None:
    """The figures of a rounded candidate are those of its graph, and near those of the network."""
    candidates = {candidate.name: candidate for candidate in outcome.trial.candidates}
    found = {
        name: next(m.value for m in candidate.measurements if m.metric == "bits_per_byte" and m.split == "validation")
        for name, candidate in candidates.items()
    }
    assert found["int4"] != found["fp32"]
    np.testing.assert_allclose(found["int4"], found["fp32"], rtol=0.05)


def test_the_release_is_served_without_being_made_first(outcome: Outcome) -> None:
    assert outcome.release is not None
    assert not is_bare_model(str(outcome.release))
    release = load_release(outcome.release)
    assert release.generates
    model = load_in_service(outcome.release, SETTINGS)
    assert isinstance(model, GeneratingModel)
    model.prove()
    model.abandon()
    golden = read_golden_tokens(outcome.release)
    assert golden is not None
    assert any(answer.token_ids for answer in golden.answers)
    assert 0.01 <= golden.tolerance < 0.5
    candidate = next(c for c in outcome.trial.candidates if c.chosen)
    graph = release.model_file.stat().st_size
    assert graph < candidate.size_mb * 1e6 < graph + 100_000  # and not the weights, which are there for transformers
    card = (outcome.release / "README.md").read_text(encoding="utf-8")
    assert "onnx" in card


def test_the_release_opens_in_transformers_and_is_a_base(outcome: Outcome, tmp_path: Path) -> None:
    import transformers

    assert outcome.release is not None
    with quiet_transformers():
        theirs = transformers.AutoModelForCausalLM.from_pretrained(outcome.release)
    assert theirs.config.hidden_size == SERVABLE["width"]
    tree = decoder_project(tmp_path, model={"base": str(outcome.release), "max_length": 24})
    tree["compression"] = {"methods": ["int8"]}
    second = sailed(tmp_path, tree)
    assert second.accepted, second.trial.verdict
    assert [candidate.name for candidate in second.trial.candidates] == ["int8"]


def test_a_copy_that_writes_something_else_is_refused(outcome: Outcome, tmp_path: Path) -> None:
    """A graph that was changed, with a manifest that says so, as a careless copy would be."""
    import onnx
    from onnx import numpy_helper

    assert outcome.release is not None
    copy = shutil.copytree(outcome.release, tmp_path / "copy")
    file = copy / "onnx" / "model.onnx"
    model = onnx.load(file)
    for tensor in model.graph.initializer:
        if tensor.name.endswith("gamma"):
            tensor.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(tensor), tensor.name))
    onnx.save_model(model, file)
    (copy / "manifest.json").unlink()
    write_manifest(copy, kind="release")
    with pytest.raises(ArtifactError, match="golden answers"):
        load_in_service(copy, SETTINGS)


def test_a_conversation_is_asked_as_one(tmp_path: Path) -> None:
    tree = decoder_project(tmp_path, compression={"methods": ["fp32"]})
    said = [
        {"messages": [{"role": "user", "content": f"say {word}"}, {"role": "assistant", "content": word}]}
        for word in (f"word{number}" for number in range(80))
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    tree["data"]["columns"] = {"messages": "messages"}
    tree["model"] |= {"tokenizer": {"method": "bpe", "vocabulary": 300, "chat": True}, "max_length": 64}
    tree["evaluation"]["opponents"] = []
    outcome = sailed(tmp_path, tree)
    assert outcome.accepted, outcome.trial.verdict
    assert outcome.release is not None
    golden = read_golden_tokens(outcome.release)
    assert golden is not None
    assert [said["role"] for said in golden.prompts[0] if isinstance(said, dict)] == ["user"]


@pytest.mark.parametrize(
    ("network", "changes", "message"),
    [
        ({"positions": "learned"}, {}, "positions is 'learned'"),
        ({"width": 16}, {}, "heads have 8 values"),
        ({}, {"compression": {"methods": ["int9"]}}, "unknown compression method 'int9'"),
        ({}, {"requirements": [{"metric": "ttft_p95_ms", "at_least": -1}]}, "never at -1"),
    ],
)
def test_what_cannot_be_served_is_told_before_anything_runs(
    network: dict[str, Any], changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    tree = decoder_project(tmp_path, **changes)
    tree["model"]["network"] = {**SERVABLE, **network}
    with pytest.raises(SpecError, match=message):
        preflight(parse_spec(tree, "test"))


def test_figures_of_writing_are_for_models_that_write(tmp_path: Path) -> None:
    tree = project(tmp_path, "masked-lm", requirements=[{"metric": "tokens_per_s", "at_least": 5}])
    with pytest.raises(SpecError, match="models that write"):
        preflight(parse_spec(tree, "test"))
