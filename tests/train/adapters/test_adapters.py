"""Each adapter trains what it says and gives back a plain transformers model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from seatrial.tasks.text_classification import TextClassification
from seatrial.train.adapters import ADAPTERS
from seatrial.train.adapters.base import head_names, parameter_counts

from ..toy import LABELS, toy_base, toy_fit, toy_spec

HEADS = {
    "bert": ["bert.pooler", "classifier"],
    "roberta": ["classifier"],
    "distilbert": ["pre_classifier", "classifier"],
}


@pytest.fixture(scope="module", params=list(HEADS))
def kind_and_base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, toy_base(tmp_path_factory.mktemp(request.param), kind=request.param)


def load(base: Path) -> torch.nn.Module:
    return TextClassification().load_model(base, LABELS, None)


def test_the_head_is_found_in_every_kind_of_encoder(kind_and_base: tuple[str, Path]) -> None:
    kind, base = kind_and_base
    assert head_names(load(base)) == HEADS[kind]


def test_head_trains_the_head_only(kind_and_base: tuple[str, Path]) -> None:
    kind, base = kind_and_base
    model = ADAPTERS.get("head")(toy_spec()).prepare(load(base))
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learning
    assert {name.rsplit(".", 1)[0].split(".dense")[0].split(".out_proj")[0] for name in learning} == set(HEADS[kind])


def test_full_trains_everything(kind_and_base: tuple[str, Path]) -> None:
    learnt, total = parameter_counts(ADAPTERS.get("full")(toy_spec()).prepare(load(kind_and_base[1])))
    assert learnt == total > 0


def test_lora_adapts_every_linear_layer_of_the_encoder_and_merges_to_the_same_outputs(
    kind_and_base: tuple[str, Path],
) -> None:
    plain = load(kind_and_base[1])
    structure = set(plain.state_dict())
    adapter = ADAPTERS.get("lora")(toy_spec())
    model = adapter.prepare(plain)
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    assert sum("lora_A" in name for name in learning) == 12  # 6 linear layers in each of 2 blocks
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:  # starts at zero; give the update an effect
                parameter.normal_(std=0.1)
    ids = torch.tensor([[2, 4, 10, 3]])
    before = model.eval()(input_ids=ids).logits
    merged = adapter.finish(model).eval()
    torch.testing.assert_close(merged(input_ids=ids).logits, before)
    assert set(merged.state_dict()) == structure


@pytest.mark.parametrize("adapt", ["head", "lora"])
def test_a_fit_with_few_weights_saves_a_plain_folder(adapt: str, base: Path, tmp_path: Path) -> None:
    report = toy_fit(base, tmp_path, toy_spec(adapt=adapt, epochs=2, learning_rate=2e-2))
    assert 0 < report.facts["trainable_parameters"] < report.facts["parameters"]
    saved = load_file(tmp_path / "out" / "model.safetensors")
    original = load_file(base / "model.safetensors")
    word = "embeddings.word_embeddings.weight"
    query = "encoder.layer.0.attention.self.query.weight"
    assert torch.equal(saved[f"bert.{word}"], original[word])
    assert torch.equal(saved[f"bert.{query}"], original[query]) == (adapt == "head")
    assert not any("lora" in name for name in saved)
    assert not (tmp_path / "out" / "adapter_config.json").exists()
