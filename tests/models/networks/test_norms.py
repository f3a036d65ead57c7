"""Norms are their formulas."""

from __future__ import annotations

import torch

from seatrial.models.networks.norms import LayerNorm, RMSNorm

from .toy import max_difference


def test_layer_norm() -> None:
    layer = LayerNorm(5, 1e-3)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(5))
        layer.bias.fill_(2)
    x = torch.randn(3, 5)
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
    assert max_difference(layer(x), (x - mean) / (variance + 1e-3).sqrt() * torch.arange(5) + 2) < 1e-6


def test_rms_norm_in_half_precision_does_not_overflow() -> None:
    layer = RMSNorm(4, 1e-6)
    x = torch.randn(3, 4)
    assert max_difference(layer(x), x / x.square().mean(-1, keepdim=True).sqrt()) < 1e-5
    large = torch.full((1, 4), 1000.0, dtype=torch.float16)
    assert layer.to(torch.float16)(large).tolist() == [[1.0] * 4]
