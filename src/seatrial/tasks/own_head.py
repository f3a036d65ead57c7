"""The head of a classifier that goes on from another one: kept where it was for the same labels, else drawn anew.

transformers keeps a head whose size fits, whatever its labels were. What was learned about spam and ham would then
start as what is known about praise and blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, runtime_checkable

from seatrial.models.kind import head_of
from seatrial.spec.language import NetworkKind

if TYPE_CHECKING:
    import torch

__all__ = ["SharesHead", "StandsOn", "drop_foreign_head", "fate_of_head"]

DEFAULT_RANGE = 0.02


@runtime_checkable
class StandsOn(Protocol):
    """A task that says which kind of network it can be learned with."""

    body_kind: NetworkKind
    """What `model.base` must be."""


@runtime_checkable
class SharesHead(Protocol):
    """A task that learns with the head of another one."""

    head_task: str
    """Whose."""


def fate_of_head(folder: Path, task: str, names: Sequence[str]) -> Literal["kept", "new"]:
    """What becomes of the head of the model in `folder`.

    Args:
        folder: a model's folder.
        task: that goes on from it.
        names: what the outputs of the task's head are called, in order; empty for a language model.
    """
    head = head_of(folder)
    return "kept" if head is not None and head.task == task and head.labels == tuple(names) else "new"


def drop_foreign_head(model: torch.nn.Module, folder: Path, task: str, names: Sequence[str]) -> None:
    """Draw the weights of the head anew, from torch's generator, where they were loaded from a head for other labels.

    Args:
        model: as transformers loaded it, with a head of this task.
        folder: that it was loaded from.
        task: as for `fate_of_head`.
        names: likewise.
    """
    import torch

    head = head_of(folder)
    if head is None or head.task != task or head.labels == tuple(names):
        return  # there was no such head: its weights are new already
    config: Any = model.config
    spread = getattr(config, "initializer_range", DEFAULT_RANGE)
    body = str(cast("Any", model).base_model_prefix)
    for name, child in model.named_children():
        if name == body:
            continue
        for part in child.modules():
            if isinstance(part, torch.nn.Linear):
                torch.nn.init.normal_(part.weight, std=spread)
                if part.bias is not None:
                    torch.nn.init.zeros_(part.bias)
            elif isinstance(part, torch.nn.LayerNorm):
                part.reset_parameters()
