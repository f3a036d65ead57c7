"""Every weight learns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.spec.training import TrainingSpec

if TYPE_CHECKING:
    import torch

__all__ = ["Full"]


class Full:
    """The adapter `full`: the best quality, and on a small encoder the usual choice."""

    learning_rate = 2e-4

    def __init__(self, spec: TrainingSpec) -> None:
        pass

    def prepare(self, model: torch.nn.Module, *, new_head: bool = True) -> torch.nn.Module:
        del new_head  # all weights learn in any case
        return model.requires_grad_(True)

    def keep(self, model: torch.nn.Module, folder: Path, *, base: str | None) -> None:
        """Nothing: the weights themselves have learned."""

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        return model
