"""What an adapter promises, and where the head of a transformers model is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from seatrial.spec.training import TrainingSpec

if TYPE_CHECKING:
    import torch

__all__ = ["Adapter", "HasHeads", "encoder_name", "head_names", "parameter_counts"]


class Adapter(Protocol):
    """Chooses the weights that learn."""

    learning_rate: float
    """Peak rate at 64 texts in a batch, for when the project file names none."""

    def __init__(self, spec: TrainingSpec) -> None:
        """`spec` holds the settings of every adapter."""

    def prepare(self, model: torch.nn.Module, *, new_head: bool = True) -> torch.nn.Module:
        """The model to train: `model` itself with some weights frozen, or a wrapper around it.

        Args:
            model: as the task loaded it.
            new_head: whether it has a head with random weights, which must learn in any case.
        """

    def keep(self, model: torch.nn.Module, folder: Path, *, base: str | None) -> None:
        """Write what was learned by itself, where that is a thing of its own; before `finish`.

        Args:
            model: as `prepare` gave it, trained.
            folder: made where there is something to write.
            base: reference of the model that was adapted, for whoever finds the folder.

        Raises:
            ArtifactError: the disk is full or forbidden.
        """

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """The trained weights as a plain transformers model that `save_pretrained` writes."""


@runtime_checkable
class HasHeads(Protocol):
    """A model that knows its heads itself, because it has several."""

    def head_parameters(self) -> Sequence[torch.nn.Parameter]:
        """Their weights, without those that are tied to what is no head."""


def encoder_name(model: torch.nn.Module) -> str:
    """Name of the child that holds the pretrained encoder: ``"bert"``, ``"roberta"``, ``"distilbert"`` …"""
    return str(model.base_model_prefix)


def head_names(model: torch.nn.Module) -> list[str]:
    """Names of the modules that make the head.

    These are the children beside the encoder that have weights (`classifier`, and for DistilBERT `pre_classifier`), and
    the encoder's pooler: many checkpoints ship without one, and a frozen random layer would blind the classifier.
    """
    encoder = encoder_name(model)
    beside = [
        name for name, child in model.named_children() if name != encoder and any(True for _ in child.parameters())
    ]
    poolers = [
        f"{encoder}.{name}"
        for name, child in model.get_submodule(encoder).named_children()
        if name == "pooler" and child is not None
    ]
    return [*poolers, *beside]


def parameter_counts(model: torch.nn.Module) -> tuple[int, int]:
    """How many weights learn, and how many there are."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)
