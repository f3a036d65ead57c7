"""The settings that follow from how much there is to learn from, when the project file leaves them open.

A few hundred texts in batches of 64 are a handful of steps: the head would hardly move. Small data therefore gets small
batches and more passes. Refuses to know: the texts, the model.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.batches import token_budget_batches
from seatrial.spec.training import TrainingSpec

__all__ = ["SettledSpec", "settle"]

BATCH_ITEMS = (8, 64)
BATCHES_PER_EPOCH = 100
EPOCHS = (3, 10)
LEAST_STEPS = 500
LEAST_PATIENCE = 2


class SettledSpec(TrainingSpec):
    """A `training:` section in which nothing is left open."""

    epochs: int
    batch_items: int
    learning_rate: float
    patience: int


def settle(spec: TrainingSpec, lengths: Sequence[int], *, rate: float) -> SettledSpec:
    """Fill in what is null.

    Args:
        spec: the section as written.
        lengths: tokens of each training text, or of whatever batches are made of; at least one.
        rate: the adapter's learning rate at 64 texts in a batch.

    Returns:
        The section with `batch_items` a hundredth of the texts (8 to 64), `epochs` for `steps` or for about 500 steps
        (3 to 10), `learning_rate` falling with the square root of the batch size (Malladi et al., On the SDEs and
        Scaling Rules for Adaptive Gradient Algorithms, 2022) and `patience` half of the validations (at least 2), where
        null.
    """
    items = spec.batch_items or _within(len(lengths) // BATCHES_PER_EPOCH, BATCH_ITEMS)
    batches = len(token_budget_batches(lengths, max_tokens=spec.batch_tokens, max_items=items))
    steps = -(-batches // spec.accumulate)
    if spec.steps is None:
        epochs = spec.epochs or _within(-(-LEAST_STEPS // steps), EPOCHS)
    else:
        epochs = min(spec.epochs or spec.steps, -(-spec.steps // steps))
    patience = spec.patience or max(LEAST_PATIENCE, epochs * spec.validations_per_epoch // 2)
    return SettledSpec.model_validate(
        {
            **spec.model_dump(),
            "epochs": epochs,
            "batch_items": items,
            "learning_rate": spec.learning_rate or rate * min(1.0, (items * spec.accumulate / BATCH_ITEMS[1]) ** 0.5),
            "patience": patience,
        }
    )


def _within(value: int, bounds: tuple[int, int]) -> int:
    return min(max(value, bounds[0]), bounds[1])
