"""ALiBi: scores fall with the distance, in each head at its own pace. Nothing is learned, nothing is added to tokens.

    bias[h, t, s] = -m_h·|t - s|        m_h = 2^(-8h/H), h = 1 … H

A network trained on short texts can read longer ones, for a larger distance is only more of the same.

Source: Press et al. 2021, "Train Short, Test Long", §3; the slopes where H is no power of two as in its published code.

Shapes: B batch, T query positions, S key positions, H heads.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["AlibiBias", "slopes"]


def slopes(heads: int) -> list[float]:
    """m of each head: a geometric series; between powers of two, every other one of the next finer series fills up."""
    whole = 2 ** math.floor(math.log2(heads))
    series = [2 ** (-8 * (head + 1) / whole) for head in range(whole)]
    finer = [2 ** (-8 * (head + 1) / (2 * whole)) for head in range(0, 2 * whole, 2)]
    return series + finer[: heads - whole]


class AlibiBias(nn.Module):
    """Places of queries and keys → what is added to their scores.

    Args:
        heads: H.
    """

    slopes_H: Tensor

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.register_buffer("slopes_H", torch.tensor(slopes(heads)), persistent=False)

    def forward(self, query_places_BT: Tensor, key_places_BS: Tensor) -> Tensor:
        """bias_BHTS."""
        distance_BTS = (query_places_BT[:, :, None] - key_places_BS[:, None, :]).abs()
        return -self.slopes_H[:, None, None] * distance_BTS[:, None]
