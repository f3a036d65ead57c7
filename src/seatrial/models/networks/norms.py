"""Normalisation: vectors of a like size go into every sublayer, however large the sums before have grown.

    LayerNorm(x) = (x - mean(x)) / √(var(x) + ε) · w + b        RMSNorm(x) = x / √(mean(x²) + ε) · w

Mean and variance are those of one vector of E numbers, so that a position never depends on others, nor on the batch.
RMSNorm leaves out the mean and the bias: cheaper, and as good.

Source: Ba et al. 2016, "Layer Normalization", equation 4; Zhang & Sennrich 2019, "Root Mean Square Layer
Normalization", equation 4.

Shapes: E width of the model; any axes before it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from seatrial.models.networks.config import NetworkConfig

__all__ = ["LayerNorm", "RMSNorm", "norm"]


class LayerNorm(nn.Module):
    """Mean 0 and variance 1, then a learned scale and shift per number."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.epsilon = epsilon

    def forward(self, x_E: Tensor) -> Tensor:
        """[…, E] → […, E]."""
        return functional.layer_norm(x_E, self.weight.shape, self.weight, self.bias, self.epsilon)


class RMSNorm(nn.Module):
    """Root mean square 1, then a learned scale per number."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x_E: Tensor) -> Tensor:
        """[…, E] → […, E]; the mean of squares is taken in fp32, where it cannot overflow."""
        x_f32 = x_E.float()
        unit_E = x_f32 * torch.rsqrt(x_f32.square().mean(dim=-1, keepdim=True) + self.epsilon)
        return self.weight * unit_E.to(x_E.dtype)


def norm(config: NetworkConfig) -> nn.Module:
    """The normalisation that `config` asks for."""
    if config.norm == "layer-norm":
        return LayerNorm(config.width, config.norm_epsilon)
    return RMSNorm(config.width, config.norm_epsilon)
