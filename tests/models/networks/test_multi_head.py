"""Heads: grouped queries share keys and values, and each head is an attention of its own."""

from __future__ import annotations

import torch

from seatrial.models.networks.attention import attend
from seatrial.models.networks.multi_head import MultiHeadAttention

from .toy import max_difference, toy_config


def test_grouped_queries_are_heads_with_the_same_keys_and_values() -> None:
    grouped = MultiHeadAttention(toy_config(key_value_heads=2))
    full = MultiHeadAttention(toy_config())
    with torch.no_grad():
        full.query.weight.copy_(grouped.query.weight)
        full.output.weight.copy_(grouped.output.weight)
        for ours, theirs in ((full.key, grouped.key), (full.value, grouped.value)):
            ours.weight.copy_(theirs.weight.view(2, 6, 24).repeat_interleave(2, dim=0).flatten(0, 1))
    x = torch.randn(2, 5, 24)
    assert max_difference(grouped(x, grouped.keys_values(x)), full(x, full.keys_values(x))) < 1e-5


def test_each_head_attends_by_itself() -> None:
    layer = MultiHeadAttention(toy_config())
    x, source = torch.randn(2, 3, 24), torch.randn(2, 5, 24)
    heads = []
    for head in range(4):
        rows = slice(6 * head, 6 * head + 6)
        q, k, v = (
            x @ layer.query.weight[rows].T,
            source @ layer.key.weight[rows].T,
            source @ layer.value.weight[rows].T,
        )
        heads.append(attend(q[:, None], k[:, None], v[:, None])[:, 0])
    expected = torch.cat(heads, dim=-1) @ layer.output.weight.T
    assert max_difference(layer(x, layer.keys_values(source)), expected) < 1e-5
