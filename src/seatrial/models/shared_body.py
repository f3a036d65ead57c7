"""One body under the heads of several tasks: models of transformers that were loaded from one folder, made one module.

The first model is the one that is saved, in the layout that it would have alone. The others keep their heads and their
poolers, and lose their bodies: where they had a layer of their own stands the layer of the first. What was tied to such
a layer, as the output of a masked language model is to its embeddings, is tied to the one in its place.

Source: Caruana 1997, "Multitask Learning", §2 (hard parameter sharing); Liu et al. 2019, "Multi-Task Deep Neural
Networks for Natural Language Understanding", §3.

This module imports torch when it is imported; import it where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch

from seatrial.errors import SpecError

__all__ = ["SharedBody"]

POOLER = "pooler"


class SharedBody(torch.nn.Module):
    """Several models with one body, called as the first of them unless told which.

    Args:
        models: each with a head, loaded from one folder by transformers' classes. They are changed as they stand.

    Raises:
        SpecError: two that have no body in common.
    """

    def __init__(self, models: Sequence[torch.nn.Module]) -> None:
        super().__init__()
        first, *others = models
        for other in others:
            _share(first, other)
        self._parts = len(models)
        for number, model in enumerate(models):  # not a ModuleList, in which adapters would take heads for blocks
            self.add_module(f"task{number}", model)

    @property
    def config(self) -> Any:
        """Of the first model."""
        return self.part(0).config

    def part(self, number: int) -> Any:
        """One of the models, with the shared body in it."""
        return self.get_submodule(f"task{number}")

    def forward(self, *inputs: Any, part: int = 0, **settings: Any) -> Any:
        """What the model `part` gives."""
        return self.part(part)(*inputs, **settings)

    def head_parameters(self) -> list[torch.nn.Parameter]:
        """The weights of all heads and poolers, without those that are tied to the body."""
        body = {id(p) for child in _layers(self.part(0)).values() for p in child.parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in body]

    def activation_checkpointing_enable(self) -> None:
        """Compute the activations of the body again in the backward pass, whichever task uses it."""
        self.part(0).activation_checkpointing_enable()

    def save_pretrained(self, folder: Path) -> None:
        """Write the first model, and nothing of the others."""
        self.part(0).save_pretrained(folder)


def _layers(model: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """The children of a model's body that are shared, by name."""
    prefix = str(getattr(model, "base_model_prefix", ""))
    body = getattr(model, prefix, None) if prefix else None
    if not isinstance(body, torch.nn.Module):
        raise SpecError(
            f"{type(model).__name__} has no body apart from its head, which other tasks could share",
            where="training.together",
            hint="learn the tasks one after the other: train the other project, and name it in model.base",
        )
    return {name: child for name, child in body.named_children() if name != POOLER}


def _share(first: torch.nn.Module, other: torch.nn.Module) -> None:
    """Put the layers of `first` into the places that they have in `other`, in place."""
    ours, theirs = _layers(first), _layers(other)
    if not theirs or _shapes(ours) != _shapes(theirs):
        raise SpecError(
            f"{type(first).__name__} and {type(other).__name__} have no body in common",
            where="training.together",
            hint="learn the tasks one after the other: train the other project, and name it in model.base",
        )
    instead: dict[int, torch.nn.Parameter] = {}
    for name, child in theirs.items():
        for key, parameter in child.named_parameters(remove_duplicate=False):
            instead[id(parameter)] = ours[name].get_parameter(key)
        setattr(getattr(other, str(cast("Any", other).base_model_prefix)), name, ours[name])
    for module in other.modules():
        for key, own in module.named_parameters(recurse=False):
            if id(own) in instead:
                setattr(module, key, instead[id(own)])


def _shapes(layers: dict[str, torch.nn.Module]) -> dict[str, torch.Size]:
    return {
        f"{name}.{key}": parameter.shape
        for name, child in layers.items()
        for key, parameter in child.named_parameters(remove_duplicate=False)
    }
