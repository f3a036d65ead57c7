"""One linear layer with a low-rank update beside it.

    y = W·x + b + (α/r)·B·A·dropout(x)          A random, B zero at first: the start is exactly the old layer

Merged, the update is added to W itself and costs nothing; unmerged, W is what it was, up to rounding.

Source: Hu et al. 2021, "LoRA", §4.1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["LoRALayer", "is_transposed"]


def is_transposed(linear: nn.Module) -> bool:
    """Whether a linear layer keeps its weights as [in, out]: transformers' Conv1D, which GPT-2 is made of."""
    return type(linear).__name__ == "Conv1D"


class LoRALayer(nn.Module):
    """A frozen linear layer and the two matrices that learn.

    Args:
        base: a linear layer, `nn.Linear` or transformers' Conv1D; it is used, not copied, and frozen.
        rank: r, from 1 on.
        alpha: α; the update is scaled by α/r, so that another rank needs no other learning rate.
        dropout: share of the inputs of A that are dropped in training.
    """

    def __init__(self, base: nn.Module, *, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__()
        weight = base.weight
        assert isinstance(weight, Tensor)
        width_in, width_out = weight.shape if is_transposed(base) else weight.shape[::-1]
        self.base = base.requires_grad_(False)
        self.lora_A = nn.Linear(width_in, rank, bias=False, device=weight.device, dtype=weight.dtype)
        self.lora_B = nn.Linear(rank, width_out, bias=False, device=weight.device, dtype=weight.dtype)
        nn.init.kaiming_uniform_(self.lora_A.weight, a=math.sqrt(5))
        nn.init.zeros_(self.lora_B.weight)
        self.dropout = nn.Dropout(dropout)
        self.rank = rank
        self.alpha = alpha
        self.merged = False

    @property
    def weight(self) -> Tensor:
        """The base layer's weights, for code that asks a linear layer for their type or shape."""
        weight = self.base.weight
        assert isinstance(weight, Tensor)
        return weight

    @property
    def scaling(self) -> float:
        """α/r."""
        return self.alpha / self.rank

    def forward(self, x: Tensor) -> Tensor:
        """[…, in] → […, out]."""
        y: Tensor = self.base(x)
        if self.merged:
            return y
        update: Tensor = self.lora_B(self.lora_A(self.dropout(x)))
        return y + self.scaling * update

    def update(self) -> Tensor:
        """(α/r)·B·A, in the shape of the base layer's weights."""
        update = self.scaling * (self.lora_B.weight @ self.lora_A.weight)
        return update.T if is_transposed(self.base) else update

    @torch.no_grad()
    def merge(self) -> None:
        """Add the update to the weights; a second call does nothing."""
        if not self.merged:
            self.weight.add_(self.update())
            self.merged = True

    @torch.no_grad()
    def unmerge(self) -> None:
        """Take the update out of the weights again, so that it can learn on."""
        if self.merged:
            self.weight.sub_(self.update())
            self.merged = False
