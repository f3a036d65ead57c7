"""Feed-forward layers are their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from seatrial.models.networks.feed_forward import ACTIVATIONS, FeedForward

from .toy import max_difference, toy_config

X = torch.linspace(-4, 4, 41)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", X.clamp(min=0)),
        ("gelu", X * 0.5 * (1 + torch.erf(X / math.sqrt(2)))),
        ("gelu-tanh", 0.5 * X * (1 + torch.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)))),
        ("silu", X / (1 + torch.exp(-X))),
    ],
)
def test_activations(name: str, expected: torch.Tensor) -> None:
    assert max_difference(ACTIVATIONS[name](X), expected) < 1e-6  # type: ignore[index]


def test_plain_and_gated() -> None:
    x = torch.randn(2, 3, 24)
    plain = FeedForward(toy_config(gated=False, activation="relu", feed_forward_bias=True))
    assert max_difference(plain(x), plain.down(plain.up(x).relu())) < 1e-6
    gated = FeedForward(toy_config())
    assert gated.gate is not None
    assert gated.up.bias is None
    gate = gated.gate(x)
    assert max_difference(gated(x), gated.down(gate * gate.sigmoid() * gated.up(x))) < 1e-6
