"""Which layers `training.lora.targets` means, and what is written of the updates by themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from seatrial.errors import SpecError
from seatrial.models.networks import build
from seatrial.models.networks.config import NetworkConfig
from seatrial.spec.training import TrainingSpec
from seatrial.tasks.text_classification import TextClassification
from seatrial.train.adapters.lora import Lora

from ..toy import LABELS

DECODER = {"kind": "decoder", "vocab_size": 20, "width": 16, "layers": 2, "heads": 2, "max_positions": 16}


def prepared(targets: str | list[str]) -> torch.nn.Module:
    spec = TrainingSpec.model_validate({"adapt": "lora", "lora": {"rank": 2, "targets": targets}})
    return Lora(spec).prepare(build(NetworkConfig(**DECODER)), new_head=False)


@pytest.mark.parametrize(("targets", "layers"), [("all-linear", 14), ("attention", 8), (["query", "value"], 4)])
def test_the_named_layers_learn(targets: str | list[str], layers: int) -> None:
    learning = [name for name, p in prepared(targets).named_parameters() if p.requires_grad]
    assert len(learning) == 2 * layers  # A and B


def test_a_layer_that_is_not_there_is_told_by_its_key() -> None:
    with pytest.raises(SpecError, match="quary") as error:
        prepared(["quary"])
    assert error.value.where == "training.lora.targets"
    assert "query" in (error.value.hint or "")


def test_beside_a_new_head_the_same_layers_are_meant_and_nothing_is_kept_apart(base: Path, tmp_path: Path) -> None:
    spec = TrainingSpec.model_validate({"adapt": "lora", "lora": {"rank": 2, "targets": "attention"}})
    adapter = Lora(spec)
    model = adapter.prepare(TextClassification().load_model(base, LABELS, None))
    learning = [name for name, p in model.named_parameters() if p.requires_grad and "lora_A" in name]
    assert learning
    assert all(".attention." in name for name in learning)
    adapter.keep(model, tmp_path / "adapter", base="somewhere")
    assert not (tmp_path / "adapter").exists()


def test_the_updates_are_kept_as_peft_names_them(tmp_path: Path) -> None:
    spec = TrainingSpec.model_validate({"adapt": "lora", "lora": {"rank": 2, "targets": "attention"}})
    Lora(spec).keep(prepared("attention"), tmp_path / "adapter", base="package:some/model.gguf")
    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert settings["base_model_name_or_path"] == "package:some/model.gguf"
    assert "model.layers.0.self_attn.q_proj" in settings["target_modules"]
