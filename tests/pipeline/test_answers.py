"""A chat model is judged by what it writes: in evaluation, under the contract, beside itself before training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.export.decoder_graph import PRECISIONS, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.models.fresh import fresh_model
from seatrial.pipeline.answers import Answering, answer_metrics
from seatrial.pipeline.preflight import preflight
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Example, Provenance
from seatrial.report.html import report_page
from seatrial.spec.language import NetworkSpec
from seatrial.spec.load import find_project, parse_spec
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks import TASKS

ANSWER = '{"a": "b"}'
SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"enum": ["b", "c"]}}}


def turn(number: int) -> list[tuple[str, str]]:
    return [("user", f"q {number}"), ("assistant", ANSWER)]


def project(folder: Path, model: dict[str, Any], steps: int, requirements: list[dict[str, Any]]) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    said = [
        {"kind": str(n % 2), "messages": [{"role": role, "content": text} for role, text in turn(n)]} for n in range(60)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    (folder / "seatrial.yaml").write_text("name: x\n", encoding="utf-8")
    return {
        "name": "answers",
        "task": "causal-lm",
        "data": {
            "sources": [{"name": "rows", "path": "rows.jsonl"}],
            "columns": {"messages": "messages"},
            "slices": ["kind"],
            "clean": ["drop-empty"],
            "dedupe": {"near": None},
            "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "stratify": []},
        },
        "model": {**model, "max_length": 96},
        "training": {"steps": steps, "batch_items": 16, "learning_rate": 0.02, "device": "cpu", "precision": "fp32"},
        "evaluation": {"resamples": 100, "opponents": [], "answers": {"max_tokens": 24, "json_schema": SCHEMA}},
        "requirements": requirements,
    }


def sailed(folder: Path, tree: dict[str, Any]) -> Outcome:
    spec = parse_spec(tree, "test")
    return sail(find_project(folder), spec, render=report_page, progress=silent, heard=lambda *_: None)


FRESH = {
    "network": {"layers": 1, "width": 24, "heads": 2},  # heads that no graph takes, so that no service is started
    "tokenizer": {"method": "characters", "chat": True},
}


def test_what_is_written_is_measured_and_compared_with_what_was_written_before(tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    untaught = sailed(tmp_path / "a", project(tmp_path / "a", FRESH, 1, [{"metric": "size_mb", "at_most": 1}]))
    assert untaught.release is not None
    assert untaught.trial.reports["evaluate"].find("json_valid") is None  # nobody asked, so nobody wrote
    lines = [
        {"metric": "json_valid", "at_least": 0.9},
        {"metric": "json_field.a", "at_least": 0.9, "where": {"kind": "1"}},
        {"metric": "json_field.a", "over": "base", "at_least": 0.5, "confidence": 0.9},
        {"metric": "json_valid", "split": "validation", "at_least": 0.9},
        {"metric": "chrf", "at_least": 90},
    ]
    tree = project(tmp_path / "b", {"base": str(untaught.release)}, 60, lines)
    tree["evaluation"] |= {"opponents": ["base"], "metrics": ["bits_per_byte", "json_valid"]}
    taught = sailed(tmp_path / "b", tree)
    assert taught.accepted, taught.trial.verdict
    report = taught.trial.reports["evaluate"]
    valid, chrf = report.find("json_valid"), report.find("chrf")
    assert valid is not None
    assert valid.n == 12
    assert valid.interval is not None
    assert chrf is not None
    assert chrf.value > 90
    assert report.find("bits_per_byte") is not None
    assert report.facts["answers"] == 12
    assert {one.system for one in report.measurements if one.metric == "json_field.a"} == {"model", "base"}
    page = (taught.release / "report.html").read_text(encoding="utf-8") if taught.release else ""
    assert ("Answers that are not the wanted ones" in page) == bool(report.tables["answers"])
    assert len(report.tables["answers"]) == 12 - report.facts["answers_as_wanted"]


def test_metrics_that_read_answers_are_found_in_both_places() -> None:
    lines = [{"metric": "json_field.a", "at_least": 0}, {"metric": "size_mb", "at_most": 1}]
    spec = parse_spec(_tree(lines), "test")
    assert answer_metrics(spec, TASKS.get("causal-lm")()) == ("exact_match", "json_field.a")
    assert answer_metrics(spec, TASKS.get("seq2seq")()) == ()
    preflight(spec)


def test_documents_want_no_answer() -> None:
    tree = _tree([{"metric": "json_valid", "at_least": 0}])
    tree["data"]["columns"] = {"text": "text"}
    tree["evaluation"]["metrics"] = []
    with pytest.raises(SpecError, match="json_valid reads texts") as error:
        preflight(parse_spec(tree, "test"))
    assert "json_valid" not in (error.value.expected or "")


def test_a_schema_that_is_not_understood_is_refused_before_anything_runs() -> None:
    tree = _tree([{"metric": "json_valid", "at_least": 0}])
    tree["evaluation"]["answers"] = {"json_schema": {"typ": "object"}}
    with pytest.raises(SpecError) as error:
        preflight(parse_spec(tree, "test"))
    assert error.value.where == "evaluation.answers.json_schema.typ"


def test_a_graph_writes_what_its_network_writes(tmp_path: Path) -> None:
    network, tokenizer = NetworkSpec(layers=1, width=32, heads=2), TokenizerSpec(method="characters", chat=True)
    model = tmp_path / "model"
    model.mkdir()
    fresh_model(["q 0123456789"], network, tokenizer, kind="decoder", max_length=96, seed=1, out=model, progress=silent)
    graph = write_decoder(read_decoder(model), tmp_path / "graph", PRECISIONS["fp32"])
    spec, task = parse_spec(_tree([{"metric": "json_valid", "at_least": 0}]), "test"), TASKS.get("causal-lm")()
    answering = Answering.of(spec, task, task.load_tokenizer(model, 96))
    assert answering is not None
    assert not answering.asked_on("validation")
    messages = [[{"role": role, "content": text} for role, text in turn(n)] for n in range(3)]
    examples = [
        Example(str(n), {"messages": json.dumps(one)}, "", Provenance("a", n)) for n, one in enumerate(messages)
    ]
    written = answering.write(model, examples, silent)
    assert all(written)
    assert answering.write(graph, examples, silent) == written


def _tree(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "answers",
        "task": "causal-lm",
        "data": {"sources": [{"name": "rows", "path": "rows.jsonl"}], "columns": {"messages": "messages"}},
        "model": FRESH,
        "evaluation": {"opponents": [], "metrics": ["exact_match"]},
        "requirements": lines,
    }
