"""The key `training.preference`: what is learned from two answers to one prompt."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.spec.base import Section

__all__ = ["Preference"]


class Preference(Section):
    """How strongly preferred answers pull the model away from where it started."""

    loss: Literal["dpo", "ipo"] = "dpo"
    """`dpo`: the margin between the answers grows as long as that helps. `ipo`: it is drawn to 1 / (2 beta) nats, so
    that pairs on which everybody agrees do not drive the model ever further."""
    beta: float = Field(default=0.1, gt=0, le=1000)
    """How dear it is to move away from the base: the smaller, the further the model goes."""
    label_smoothing: float = Field(default=0.0, ge=0, lt=0.5)
    """Share of the pairs that are taken to be the wrong way round; for `dpo`."""

    likelihood: float = Field(default=0.0, ge=0, le=1000)
    """How much the surprise of the chosen answer, per token in nats, counts beside the loss of the pair. Without it a
    margin can also grow by making both answers less likely."""

    @model_validator(mode="after")
    def _smooths_what_it_can(self) -> Self:
        if self.loss == "ipo" and self.label_smoothing:
            raise ValueError("ipo has no label_smoothing; leave it out, or take the loss dpo")
        return self
