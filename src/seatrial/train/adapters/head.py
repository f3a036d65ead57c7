"""Only the head learns; the encoder stays as it came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import SpecError
from seatrial.spec.training import TrainingSpec
from seatrial.train.adapters.base import head_names

if TYPE_CHECKING:
    import torch

__all__ = ["Head"]


class Head:
    """The adapter `head`: no backward pass through the encoder; for little data or a quick look, at a higher rate."""

    learning_rate = 4e-3

    def __init__(self, spec: TrainingSpec) -> None:
        pass

    def prepare(self, model: torch.nn.Module, *, new_head: bool = True) -> torch.nn.Module:
        if not new_head:
            raise SpecError(
                f"{type(model).__name__} has no head of its own that could learn alone",
                where="training.adapt",
                hint="set it to full or lora",
            )
        model.requires_grad_(False)
        for name in head_names(model):
            model.get_submodule(name).requires_grad_(True)
        return model

    def keep(self, model: torch.nn.Module, folder: Path, *, base: str | None) -> None:
        """Nothing: the weights themselves have learned."""

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        return model.requires_grad_(True)
