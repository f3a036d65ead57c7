"""Activations computed again in the backward pass instead of kept: memory for time.

Of each block only its input is kept. Random states are put back, so dropout drops the same values twice.

Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from seatrial.errors import SpecError

if TYPE_CHECKING:
    import torch

__all__ = ["recompute_activations"]


def recompute_activations(model: torch.nn.Module) -> None:
    """Make `model` recompute its blocks in training, in place.

    Args:
        model: one of transformers', or a `models.networks` network, whose stacks hold their blocks in `blocks`.

    Raises:
        SpecError: it has no blocks that are known.
    """
    from torch.nn import ModuleList

    switch = getattr(model, "activation_checkpointing_enable", None)
    if switch is not None:
        switch()
        return
    stacks = [module.blocks for module in model.modules() if isinstance(getattr(module, "blocks", None), ModuleList)]
    if not stacks:
        raise SpecError(
            f"{type(model).__name__} has no blocks that could be computed again",
            where="training.gradient_checkpointing",
            hint="set it to false",
        )
    for blocks in stacks:
        for block in cast("ModuleList", blocks):
            block.forward = _recomputed(block, block.forward)


def _recomputed(block: torch.nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
    def call(*inputs: Any, **settings: Any) -> Any:
        import torch
        from torch.utils.checkpoint import checkpoint

        if block.training and torch.is_grad_enabled():
            return checkpoint(forward, *inputs, use_reentrant=False, **settings)
        return forward(*inputs, **settings)

    return call
