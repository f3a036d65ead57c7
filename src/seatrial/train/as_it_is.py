"""The base model taken as it is, for a task without an objective: written in the layout that `fit` writes.

Refuses to know: data. Nothing is learned, so nothing can leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from seatrial.errors import MissingExtraError, SpecError
from seatrial.records import Report
from seatrial.spec.training import ModelSpec
from seatrial.tasks.base import Learns
from seatrial.train.adapters.base import parameter_counts
from seatrial.train.limits import check_length
from seatrial.train.rng import seed_all
from seatrial.train.saving import save_model

__all__ = ["take_as_it_is"]


def take_as_it_is(
    model_spec: ModelSpec, *, task: Learns, base: Path, labels: Sequence[str], seed: int, out: Path
) -> Report:
    """Write the base model and its tokenizer to `out`, cut at `model_spec.max_length`.

    Args:
        model_spec: longest input.
        task: knows the network.
        base: the pretrained model's folder, as `reference.resolve_model` gives it.
        labels: label names in order; may be empty.
        seed: of weights that the checkpoint lacks and the network does not use, such as a pooler's.
        out: an existing folder.

    Raises:
        SpecError: the folder holds no such model, or texts are longer than it reads.
        MissingExtraError: torch is not installed.
        ArtifactError: no space.
    """
    if not find_spec("torch"):
        raise MissingExtraError("running a project", "train")
    tokenizer = task.load_tokenizer(base, model_spec.max_length)
    seed_all(seed)
    try:
        model = task.load_model(base, labels, model_spec.dropout)
    except (OSError, ValueError) as error:
        raise SpecError(
            f"this folder holds no model for {task.name}: {str(error).splitlines()[0][:200]}",
            where="model.base",
            hint="name a transformers folder with config.json and weights",
        ) from error
    check_length(model, model_spec.max_length)
    _, total = parameter_counts(model)
    save_model(model, tokenizer, base=base, max_length=model_spec.max_length, out=out)
    settings = [{"name": f"model.{name}", "value": value} for name, value in model_spec.model_dump().items()]
    return Report(
        "train",
        tables={"settings": settings},
        facts={
            "trainable_parameters": 0,
            "parameters": total,
            "stopped": "the base model is taken as it is",
        },
    )
