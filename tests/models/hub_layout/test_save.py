"""Folders that are written and read again; what no published layout holds goes into our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from seatrial.errors import SpecError
from seatrial.models.hub_layout import LAYOUTS, load_network, save_network
from seatrial.models.hub_layout.save import layout_for
from seatrial.models.networks.lora.adapt import adapt

from ..networks.toy import GPT_LIKE, KINDS, ids, toy, toy_config

NETWORKS: dict[str, tuple[str, dict[str, Any], str]] = {
    "rotary, grouped": ("decoder", {"key_value_heads": 2}, "llama"),
    "like GPT-2": ("decoder", GPT_LIKE, "gpt2"),
    "sliding window": ("decoder", {"sliding_window": 3}, "mistral"),
    "alibi": ("decoder", KINDS["alibi"], "seatrial"),
    "sinusoidal": ("encoder", {"positions": "sinusoidal", "eos_id": (1, 2)}, "seatrial"),
    "encoder with rotary positions": ("encoder", {"head": "masked-lm"}, "seatrial"),
    "translator": ("encoder-decoder", {"decoder_layers": 1, "tied": False}, "seatrial"),
}


@pytest.mark.parametrize(("kind", "settings", "layout"), NETWORKS.values(), ids=NETWORKS)
def test_a_network_comes_back_as_it_was(kind: str, settings: dict[str, Any], layout: str, tmp_path: Path) -> None:
    network = toy(kind, **settings)
    save_network(network, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == layout
    again: Any = load_network(tmp_path)
    text = ids(2, 9)
    arguments = (text, text) if kind == "encoder-decoder" else (text,)
    assert torch.equal(again(*arguments), network(*arguments))
    assert not again.training
    if layout == "seatrial":
        assert again.config == network.config


def test_what_was_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    save_network(toy(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors", "tokenizer.json"}


def test_only_networks_of_ours_without_updates_are_saved(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="Linear is not one of our networks"):
        save_network(torch.nn.Linear(2, 2), tmp_path)
    network = toy()
    adapt(network, 2, 4.0)
    with pytest.raises(SpecError) as caught:
        save_network(network, tmp_path)
    assert "fold(network)" in str(caught.value.hint)
    assert not list(tmp_path.iterdir())


def test_a_layout_says_why_it_cannot_hold_a_network() -> None:
    assert LAYOUTS.get("llama")().misfit(toy_config(positions="alibi")) == "positions is 'alibi'"
    assert LAYOUTS.get("gpt2")().misfit(toy_config()) == "positions is 'rotary'"
    assert layout_for(toy_config("encoder", head="masked-lm", tied=False))[0] == "seatrial"


def test_dropout_is_kept_for_training_on(tmp_path: Path) -> None:
    save_network(toy(dropout=0.1, attention_dropout=0.2), tmp_path)
    config: Any = load_network(tmp_path).config
    assert (config.dropout, config.attention_dropout) == (0.1, 0.2)
