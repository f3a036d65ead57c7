"""Sinusoidal positions: a fixed vector per position, of sines and cosines with wavelengths from 2π to 10,000·2π.

    p[t, 2i] = sin(t / 10000^(2i/E))        p[t, 2i+1] = cos(t / 10000^(2i/E))

Source: Vaswani et al. 2017, "Attention Is All You Need", §3.5.

Shapes: B batch, T positions, E width of the model.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["SinusoidalPositions"]


class SinusoidalPositions(nn.Module):
    """Nothing is learned; the vector of a position k tokens further on is a rotation of this one, for every position.

    Args:
        width: E, an even number.
    """

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        exponents = torch.arange(0, width, 2, dtype=torch.float32) / width
        self.register_buffer("frequencies", 10_000.0**-exponents, persistent=False)

    def forward(self, positions_BT: Tensor) -> Tensor:
        """Vectors [B, T, E] of the positions."""
        angles = positions_BT[:, :, None].float() * self.frequencies
        return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
