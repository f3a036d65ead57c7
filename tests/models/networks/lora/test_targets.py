"""The layers to adapt are found without being named, in our networks and in transformers'."""

from __future__ import annotations

import pytest
import torch

from seatrial.errors import SpecError
from seatrial.models.networks.lora.targets import find_targets

from ..toy import toy
from .published import published

EXPECTED = {
    "bert": ("encoder.layer.1.attention.", {"self.query", "self.key", "self.value", "output.dense"}),
    "roberta": ("encoder.layer.1.attention.", {"self.query", "self.key", "self.value", "output.dense"}),
    "distilbert": ("transformer.layer.1.attention.", {"q_lin", "k_lin", "v_lin", "out_lin"}),
    "gpt2": ("transformer.h.1.attn.", {"c_attn", "c_proj"}),
    "llama": ("model.layers.1.self_attn.", {"q_proj", "k_proj", "v_proj", "o_proj"}),
    "t5": ("decoder.block.1.layer.1.EncDecAttention.", {"q", "k", "v", "o"}),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_attention_of_a_published_model(kind: str) -> None:
    model = published(kind)
    prefix, expected = EXPECTED[kind]
    found = find_targets(model)
    assert {name.removeprefix(prefix) for name in found if name.startswith(prefix)} == expected
    attentions = 2 + 3 * 2 if kind == "t5" else 2
    assert len(found) == attentions * len(expected)


@pytest.mark.parametrize(("kind", "per_block"), [("bert", 6), ("gpt2", 4), ("llama", 7)])
def test_every_linear_layer_of_the_blocks_and_none_beside_them(kind: str, per_block: int) -> None:
    found = find_targets(published(kind), "all-linear")
    assert len(found) == 2 * per_block
    assert not any("pooler" in name or "lm_head" in name for name in found)


def test_our_own_networks() -> None:
    assert find_targets(toy())[:4] == tuple(
        f"stack.blocks.0.attention.{part}" for part in ("query", "key", "value", "output")
    )
    assert len(find_targets(toy(), "all-linear")) == 2 * 7
    assert len(find_targets(toy("encoder-decoder"))) == (2 + 2 * 2) * 4


def test_layers_can_be_named_by_their_last_parts() -> None:
    network = toy()
    assert find_targets(network, ["query", "feed_forward.up"]) == tuple(
        f"stack.blocks.{block}.{part}" for block in (0, 1) for part in ("attention.query", "feed_forward.up")
    )
    assert find_targets(network, "stack.blocks.1.attention.key") == ("stack.blocks.1.attention.key",)


def test_a_name_that_no_layer_has_is_refused_with_a_near_one() -> None:
    with pytest.raises(SpecError, match="'qurey'") as caught:
        find_targets(toy(), ["qurey"])
    assert caught.value.hint == "did you mean 'query'?"


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(SpecError, match="no linear layer within attention"):
        find_targets(torch.nn.Sequential(torch.nn.Linear(2, 2)))
