"""What a task can start from: a pretrained model, or a network of our own. Told before anything runs."""

from __future__ import annotations

from seatrial.errors import SpecError
from seatrial.spec.training import ModelSpec

__all__ = ["require_named_model", "require_pretrained"]


def require_pretrained(model: ModelSpec, task: str) -> None:
    """Raise SpecError where a network from nothing is asked for, which would not learn this task from labels alone."""
    if model.network is not None:
        raise SpecError(
            f"the task {task} starts from a pretrained model",
            where="model.network",
            hint="name one in model.base, or train one with the task masked-lm first and name its release",
        )


def require_named_model(model: ModelSpec, task: str) -> None:
    """Raise SpecError where nothing says which model: the default one is no language model."""
    if model.network is None and model.base == ModelSpec().base:
        raise SpecError(
            f"the task {task} needs to be told which model",
            where="model",
            expected="base, a pretrained model to go on with, or network, one from nothing",
            hint="write for example network: {layers: 4, width: 128, heads: 4}",
        )
