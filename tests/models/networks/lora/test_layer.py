"""One layer with an update: its equation, merging, and the layers of GPT-2, whose weights lie the other way round."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from seatrial.models.networks.lora.layer import LoRALayer

from ..toy import max_difference


def linear(kind: str) -> nn.Module:
    if kind == "Linear":
        return nn.Linear(6, 10)
    from transformers.pytorch_utils import Conv1D

    layer: nn.Module = Conv1D(10, 6)
    return layer


@pytest.fixture(params=["Linear", "Conv1D"])
def layer(request: pytest.FixtureRequest) -> LoRALayer:
    return LoRALayer(linear(request.param), rank=3, alpha=6.0)


def learn(layer: LoRALayer) -> None:
    """Some update that is not zero."""
    nn.init.normal_(layer.lora_B.weight)


def test_it_begins_as_the_layer_that_it_wraps(layer: LoRALayer) -> None:
    x = torch.randn(2, 6)
    assert torch.equal(layer(x), layer.base(x))


def test_the_equation(layer: LoRALayer) -> None:
    learn(layer)
    x = torch.randn(4, 6)
    expected = layer.base(x) + 6 / 3 * x @ layer.lora_A.weight.T @ layer.lora_B.weight.T
    assert max_difference(layer(x), expected) < 1e-5


def test_merged_it_gives_the_same_and_unmerged_it_is_what_it_was(layer: LoRALayer) -> None:
    learn(layer)
    x, weight = torch.randn(4, 6), layer.weight.clone()
    before = layer(x)
    layer.merge()
    layer.merge()
    assert max_difference(layer(x), before) < 1e-5
    assert max_difference(layer.weight, weight) > 0.1
    layer.unmerge()
    layer.unmerge()
    assert max_difference(layer.weight, weight) < 1e-6
    assert max_difference(layer(x), before) < 1e-5


def test_only_the_update_learns(layer: LoRALayer) -> None:
    learn(layer)
    layer(torch.randn(4, 6)).sum().backward()
    assert layer.weight.grad is None
    assert layer.lora_A.weight.grad is not None
    assert layer.lora_B.weight.grad is not None


def test_dropout_is_on_the_update_alone_and_in_training_alone() -> None:
    layer = LoRALayer(nn.Linear(6, 10), rank=3, alpha=6.0, dropout=0.5)
    x = torch.randn(4, 6)
    assert torch.equal(layer(x), layer.base(x))
    learn(layer)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))
