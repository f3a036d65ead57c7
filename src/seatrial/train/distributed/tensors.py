"""Whole tensors from those that processes keep in parts, and back. A tensor that is whole anyway passes through.

All processes call these at the same time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["part", "whole"]


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """All of a tensor, on the CPU where it was divided."""
    from torch.distributed.tensor import DTensor

    return tensor.full_tensor().cpu() if isinstance(tensor, DTensor) else tensor


def part(full: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """This process's part of a tensor, divided as `like` is. Nothing is sent: every process has all of `full`.

    Args:
        full: a tensor of the shape of `like`.
        like: divided or not.
    """
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(like, DTensor):
        return full
    mesh = like.device_mesh
    return distribute_tensor(full.to(mesh.device_type), mesh, like.placements, src_data_rank=None)
