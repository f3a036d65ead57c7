"""Rotary positions: queries and keys are turned, pair of numbers by pair, by an angle that grows with the position.

    angle of pair i at position t:  t·θ^(-2i/D)        (a, b) → (a·cos - b·sin, b·cos + a·sin)

The product of a turned query and a turned key depends on their distance alone: the angles subtract. A pair is number i
and number i + D/2 of a head, as in Llama's published weights; the paper pairs neighbours, which differs by an order
only.

Source: Su et al. 2021, "RoFormer", §3.2.2 and §3.4.2.

Shapes: B batch, T positions, H heads, D width of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["RotaryPositions", "Rotation", "rotate"]

Rotation = tuple[Tensor, Tensor]
"""cos_B1TD and sin_B1TD of every angle; the same for all heads."""


class RotaryPositions(nn.Module):
    """Positions → angles. Nothing is learned.

    Args:
        head_width: D, an even number.
        base: θ; the slowest pair turns once in about 2π·θ positions.
    """

    frequencies: Tensor

    def __init__(self, head_width: int, base: float = 10_000.0) -> None:
        super().__init__()
        exponents = torch.arange(0, head_width, 2, dtype=torch.float32) / head_width
        self.register_buffer("frequencies", 1.0 / base**exponents, persistent=False)

    def forward(self, positions_BT: Tensor) -> Rotation:
        """Cosines and sines for `rotate`, always computed in fp32: half precision cannot tell late positions apart."""
        angles_BTP = positions_BT[:, :, None].float() * self.frequencies.float()  # P = D/2 pairs
        angles_B1TD = torch.cat([angles_BTP, angles_BTP], dim=-1)[:, None]
        return angles_B1TD.cos(), angles_B1TD.sin()


def rotate(x_BHTD: Tensor, rotation: Rotation) -> Tensor:
    """Queries or keys turned by their positions' angles."""
    cos_B1TD, sin_B1TD = rotation
    first, second = x_BHTD.chunk(2, dim=-1)
    quarter_turned_BHTD = torch.cat([-second, first], dim=-1)
    return x_BHTD * cos_B1TD.to(x_BHTD.dtype) + quarter_turned_BHTD * sin_B1TD.to(x_BHTD.dtype)
