"""A project of each kind of language model sails from nothing to a release that transformers opens."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.errors import ArtifactError, SpecError
from seatrial.export.release import load_release
from seatrial.models.quiet import quiet_transformers
from seatrial.pipeline.preflight import preflight
from seatrial.pipeline.voyage import Outcome, sail
from seatrial.progress import silent
from seatrial.records import Example, Provenance
from seatrial.report.html import report_page
from seatrial.spec.load import find_project, parse_spec
from seatrial.tasks import TASKS

WHO = ["the cat", "a dog", "my friend", "the old man"]
DOES = ["sees", "likes", "hears", "follows"]


def rows(n: int) -> list[dict[str, str]]:
    """Sentences of a small grammar, and the same sentences turned around as targets."""
    rng = random.Random(5)
    found = []
    for number in range(n):
        who, does, whom = rng.choice(WHO), rng.choice(DOES), rng.choice(WHO)
        found.append({"text": f"{who} {does} {whom} {number}.", "source": f"{does} {number}", "target": f"{does}!"})
    return found


def project(folder: Path, task: str, **changes: Any) -> dict[str, Any]:
    """The tree of a project file beside its data."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(120)), encoding="utf-8")
    pairs = task == "seq2seq"
    tree: dict[str, Any] = {
        "name": task,
        "task": task,
        "data": {
            "sources": [{"name": "rows", "path": "rows.jsonl"}],
            "columns": {"source": "source", "target": "target"} if pairs else {"text": "text"},
            "clean": ["drop-empty"],
            "dedupe": {"near": None},
            "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "stratify": []},
        },
        "model": {
            "network": {"layers": 1, "width": 16, "heads": 2},
            "tokenizer": {"method": "wordpiece" if task == "masked-lm" else "characters"},
            "max_length": 24,
        },
        "training": {"steps": 12, "batch_items": 16, "learning_rate": 0.02, "device": "cpu", "precision": "fp32"},
        "evaluation": {"resamples": 100},
        "requirements": [{"metric": "size_mb", "at_most": 1}],
    }
    (folder / "seatrial.yaml").write_text("name: x\n", encoding="utf-8")
    return {**tree, **changes}


def sailed(folder: Path, tree: dict[str, Any]) -> Outcome:
    spec = parse_spec(tree, "test")
    return sail(find_project(folder), spec, render=report_page, progress=silent, heard=lambda *_: None)


@pytest.mark.parametrize(
    ("task", "metric", "opponent"),
    [("causal-lm", "bits_per_byte", "ngram"), ("masked-lm", "perplexity", None), ("seq2seq", "chrf", "copy")],
)
def test_a_language_model_becomes_a_release(task: str, metric: str, opponent: str | None, tmp_path: Path) -> None:
    if task == "seq2seq":
        pytest.importorskip("sacrebleu")
    lines = [
        {"metric": "size_mb", "at_most": 1},
        {"metric": metric, "at_least": 1 if metric == "perplexity" else 0, "confidence": 0.9},
    ]
    if opponent:
        lines.append({"metric": metric, "over": opponent, "at_least": -100})
    outcome = sailed(tmp_path, project(tmp_path, task, requirements=lines))
    assert outcome.accepted, outcome.trial.verdict
    measured = outcome.trial.reports["evaluate"].find(metric)
    assert measured is not None
    assert measured.n == 24
    assert measured.interval is not None
    assert [candidate.name for candidate in outcome.trial.candidates] == ["network"]
    assert outcome.trial.candidates[0].latency_p95_ms is None
    assert outcome.release is not None
    assert_opens_and_agrees(outcome.release, task)
    page = (outcome.release / "report.html").read_text(encoding="utf-8")
    assert ("Surprising documents" in page) == (task == "causal-lm")
    card = (outcome.release / "README.md").read_text(encoding="utf-8")
    assert "Trained from random weights." in card
    assert "- onnx" not in card
    with pytest.raises(ArtifactError, match="nothing that a service runs"):
        load_release(outcome.release)


def assert_opens_and_agrees(release: Path, task: str) -> None:
    """transformers gives the logits that our network gives."""
    import torch
    import transformers

    kind = {
        "causal-lm": "AutoModelForCausalLM",
        "masked-lm": "AutoModelForMaskedLM",
        "seq2seq": "AutoModelForSeq2SeqLM",
    }
    with quiet_transformers():
        theirs = getattr(transformers, kind[task]).from_pretrained(release).eval()
        ids = transformers.AutoTokenizer.from_pretrained(release)("the cat sees", return_tensors="pt").input_ids
    ours = TASKS.get(task)().load_trained(release)
    with torch.inference_mode():
        if task == "seq2seq":
            written = torch.tensor([[theirs.config.decoder_start_token_id, 5, 6]])
            found, wanted = ours(ids, written), theirs(input_ids=ids, decoder_input_ids=written).logits
        else:
            found, wanted = ours(ids), theirs(input_ids=ids).logits
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), atol=2e-4)


@pytest.mark.parametrize("adapt", ["full", "lora"])
def test_a_trained_network_is_a_base_to_go_on_from(adapt: str, tmp_path: Path) -> None:
    first = sailed(tmp_path / "a", project(tmp_path / "a", "causal-lm"))
    assert first.release is not None
    model = {"base": str(first.release), "max_length": 24}
    tree = project(tmp_path / "b", "causal-lm", model=model)
    tree["training"] |= {"adapt": adapt, "accumulate": 2, "gradient_checkpointing": True}
    tree["evaluation"]["opponents"] = ["base"]
    tree["requirements"] = [
        {"metric": "perplexity", "ratio_to": "base", "at_most": 0.999},
        {"metric": "perplexity", "over": "base", "at_most": 0, "confidence": 0.9},
    ]
    if adapt == "lora":
        tree["training"]["lora"] = {"rank": 2, "targets": "attention"}
        tree["requirements"] += [{"metric": "trained_share", "at_most": 0.2}, {"metric": "adapter_mb", "at_most": 0.01}]
    second = sailed(tmp_path / "b", tree)
    quotient, difference, *_ = second.trial.verdict.results
    base = first.trial.reports["evaluate"].find("perplexity")  # on the same split of the same data
    assert base is not None
    assert quotient.measured is not None
    assert difference.measured == pytest.approx(base.value * (quotient.measured - 1), rel=1e-4)
    assert quotient.interval is not None
    assert quotient.interval.low < quotient.measured < quotient.interval.high
    assert second.release is not None
    assert "divided by that of base" in (second.release / "README.md").read_text(encoding="utf-8")
    facts = second.trial.reports["train"].facts
    assert (facts["trainable_parameters"] < facts["parameters"]) == (adapt == "lora")
    before, after = (o.trial.reports["evaluate"].find("bits_per_byte") for o in (first, second))
    assert before is not None
    assert after is not None
    assert after.value < before.value
    assert second.release is not None
    if adapt == "lora":
        assert_peft_adds_up(first.release, second.release)
    else:
        assert not (second.release / "adapter").exists()


def assert_peft_adds_up(base: Path, release: Path) -> None:
    """The base with the updates that lie in the release, as peft opens them, is the network of the release."""
    import torch
    import transformers
    from peft import PeftModel

    with quiet_transformers(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, merged = (transformers.AutoModelForCausalLM.from_pretrained(one).eval() for one in (base, release))
        ids = transformers.AutoTokenizer.from_pretrained(release)("the cat sees", return_tensors="pt").input_ids
        with torch.inference_mode():
            before, wanted = plain(input_ids=ids).logits, merged(input_ids=ids).logits
            found = PeftModel.from_pretrained(plain, release / "adapter").eval()(input_ids=ids).logits
    assert not np.allclose(before.numpy(), wanted.numpy(), atol=1e-3)
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), atol=2e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"requirements": [{"metric": "p95_ms", "at_most": 5}]},
            "released as it was trained: the model's heads have 8 values",
        ),
        ({"requirements": [{"metric": "accuracy", "at_least": 0.5}]}, "gives tokens"),
        ({"compression": {"methods": ["int8"]}}, "released as it was trained: the model's heads have 8 values"),
        ({"compression": {"methods": ["int8-dynamic"]}}, "choose one of: fp32, int4, int8"),
        ({"task": "masked-lm", "compression": {"methods": ["int8-dynamic"]}}, "cannot be compressed yet"),
        ({"task": "masked-lm", "requirements": [{"metric": "p95_ms", "at_most": 5}]}, "its networks are not served"),
        ({"model": {}}, "needs to be told which model"),
        ({"requirements": [{"metric": "perplexity", "ratio_to": "base", "at_most": 0.8}]}, "not among the opponents"),
        ({"requirements": [{"metric": "perplexity", "ratio_to": "ngram", "at_most": -1}]}, "at 0 or above"),
    ],
)
def test_what_a_language_model_cannot_do_is_told_before_anything_runs(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError, match=message):
        preflight(parse_spec({**project(tmp_path, "causal-lm"), **changes}, "test"))


def test_a_network_from_nothing_is_for_language_models(tmp_path: Path) -> None:
    tree = {**project(tmp_path, "causal-lm"), "task": "text-classification"}
    tree["data"]["columns"]["label"] = "label"
    with pytest.raises(SpecError, match="starts from a pretrained model"):
        preflight(parse_spec(tree, "test"))


def test_a_chat_model_learns_and_is_judged_on_the_answers_alone(tmp_path: Path) -> None:
    tree = project(tmp_path, "causal-lm")
    said = [
        {"messages": [{"role": "user", "content": row["text"]}, {"role": "assistant", "content": row["target"]}]}
        for row in rows(120)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    tree["data"]["columns"] = {"messages": "messages"}
    tree["model"] |= {"tokenizer": {"method": "bpe", "vocabulary": 300, "chat": True}, "max_length": 64}
    tree["evaluation"]["opponents"] = []
    outcome = sailed(tmp_path, tree)
    assert outcome.release is not None
    measured = outcome.trial.reports["evaluate"].find("bits_per_byte")
    assert measured is not None
    assert measured.n == 24
    facts = outcome.trial.reports["evaluate"].facts
    assert 24 * len("sees!") <= facts["bytes"] <= 24 * len("follows!")  # the users' words are not counted
    settings = json.loads((outcome.release / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert "<|im_start|>" in settings["chat_template"]


def test_each_token_of_a_long_document_is_judged_once(tmp_path: Path) -> None:
    """Whatever the length of a window, as many tokens are judged as the document has."""
    import torch

    from seatrial.models.fresh import fresh_model
    from seatrial.spec.language import NetworkSpec
    from seatrial.spec.tokenizer import TokenizerSpec

    texts = [row["text"] for row in rows(40)]
    network, tokenizer = NetworkSpec(layers=1, width=16, heads=2), TokenizerSpec(method="characters")
    fresh_model(texts, network, tokenizer, kind="decoder", max_length=40, seed=1, out=tmp_path, progress=silent)
    task = TASKS.get("causal-lm")()
    model = task.load_trained(tmp_path)
    examples = [Example("x", {"text": " ".join(texts[:n])}, "", Provenance("toy", 1)) for n in (1, 3, 0)]
    for room in (8, 13, 40):
        reader = task.load_tokenizer(tmp_path, room)
        reading = task.reading(reader, examples)
        assert max(map(len, reading.windows)) <= room
        outputs = task.join(reading, reading.parts(task.rows(model, reader, examples, reading, silent)))
        assert [len(output) for output in outputs] == [len(e.inputs["text"]) + 1 for e in examples]
    ids = reader.documents([texts[0]])[0]
    with torch.inference_mode():
        logs = model(torch.tensor([ids])).log_softmax(-1)[0]
    expected = [-float(logs[place, token]) for place, token in enumerate(ids[1:])]
    np.testing.assert_allclose(outputs[0][:, 0], expected, atol=1e-4)


def test_unknown_characters_are_paid_for(tmp_path: Path) -> None:
    from seatrial.models.fresh import fresh_model
    from seatrial.spec.language import NetworkSpec
    from seatrial.spec.tokenizer import TokenizerSpec

    texts = [row["text"] for row in rows(40)]
    network, tokenizer = NetworkSpec(layers=1, width=16, heads=2), TokenizerSpec(method="characters")
    fresh_model(texts, network, tokenizer, kind="decoder", max_length=40, seed=1, out=tmp_path, progress=silent)
    task = TASKS.get("causal-lm")()
    reader, model = task.load_tokenizer(tmp_path, 40), task.load_trained(tmp_path)
    examples = [Example("x", {"text": text}, "", Provenance("toy", 1)) for text in ("\u4e2d\u6587", "ca")]
    reading = task.reading(reader, examples)
    outputs = task.join(reading, reading.parts(task.rows(model, reader, examples, reading, silent)))
    known, unknown = (output[:, 0].sum() for output in reversed(outputs))
    assert unknown > known + 2 * np.log(0x110000) - 5


def test_ways_to_augment_are_not_compared_on_a_network_from_nothing(tmp_path: Path) -> None:
    from seatrial.pipeline.augment_trial import augmentation_trial

    spec = parse_spec(project(tmp_path, "causal-lm"), "test")
    with pytest.raises(SpecError, match="pretrained model"):
        augmentation_trial(spec, tmp_path, {}, seeds=[1], work=tmp_path / "work", progress=silent)
