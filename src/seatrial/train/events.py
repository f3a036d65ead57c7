"""What the training loop yields: one record per optimizer step and one per validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Event", "Step", "Validation"]


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step.

    Attributes:
        step: optimizer steps done, this one included.
        epoch: passes over the training split done, with the fraction of the current one.
        loss: mean training loss of the batch.
        learning_rate: the rate this step used.
        grad_norm: norm of the gradient before clipping.
        texts_per_s: over the last steps, validation and checkpoints left out.
        texts: texts learned from so far, over all epochs.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    texts_per_s: float
    texts: int

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form, without `texts`."""
        return {
            "step": self.step,
            "epoch": round(self.epoch, 4),
            "loss": self.loss,
            "learning_rate": self.learning_rate,
            "grad_norm": self.grad_norm,
            "texts_per_s": round(self.texts_per_s, 2),
        }


@dataclass(frozen=True, slots=True)
class Validation:
    """The validation split scored after `step` steps.

    Attributes:
        step: optimizer steps done.
        epoch: passes done, with the fraction of the current one.
        loss: mean loss on the validation split.
        scores: what the injected `score` found, by metric.
        best: whether this is the best score so far.
    """

    step: int
    epoch: float
    loss: float
    scores: Mapping[str, float] = field(default_factory=dict)
    best: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form; scores stand beside the other fields."""
        head = {"step": self.step, "epoch": round(self.epoch, 4), "loss": self.loss}
        return {**head, **self.scores, "best": self.best}


Event: TypeAlias = Step | Validation
