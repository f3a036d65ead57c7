"""Fresh weights: the sum that runs through the blocks does not grow with their number."""

from __future__ import annotations

import pytest
import torch

from seatrial.models.networks import build

from .toy import GPT_LIKE, ids, toy_config


def test_weights_have_the_spread_that_was_asked_for() -> None:
    network = build(toy_config(**GPT_LIKE, init_std=0.1))
    assert float(network.embedding.tokens.weight.detach().std()) == pytest.approx(0.1, rel=0.2)  # type: ignore[union-attr, operator]
    block = network.stack.blocks[0]  # type: ignore[union-attr, index]
    assert float(block.feed_forward.down.weight.detach().std()) == pytest.approx(0.1 / 2, rel=0.2)
    assert not block.attention.query.bias.any()
    assert bool((block.attention_norm.weight == 1).all())


def test_a_deep_network_begins_as_calm_as_a_shallow_one() -> None:
    spreads = []
    for layers in (1, 12):
        torch.manual_seed(0)
        network = build(toy_config(layers=layers, norm="layer-norm", gated=False, activation="relu", tied=False))
        sums: list[torch.Tensor] = []
        network.stack.last_norm.register_forward_pre_hook(lambda _, x, sums=sums: sums.append(x[0]))  # type: ignore[union-attr]
        network(ids(2, 16))
        spreads.append(float(sums[0].detach().std()))
    assert 0.5 < spreads[1] / spreads[0] < 2


def test_a_seed_gives_the_same_weights() -> None:
    networks = []
    for _ in range(2):
        torch.manual_seed(3)
        networks.append(build(toy_config()).state_dict())
    assert all(torch.equal(tensor, networks[1][name]) for name, tensor in networks[0].items())
