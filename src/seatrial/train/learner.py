"""One optimizer step and one validation: the two things that the loop alternates. Refuses to know when."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seatrial.errors import TrainingError
from seatrial.models.forward import raw_output, torch_logits
from seatrial.models.padding import padded, padded_rows
from seatrial.models.reading import Reading
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.tasks.base import Task

if TYPE_CHECKING:
    import numpy as np
    import torch
    from accelerate import Accelerator
    from numpy.typing import NDArray

__all__ = ["Learner", "Score", "Split", "label_weights"]

Score = Callable[["Sequence[NDArray[np.float32]]", Sequence[Example]], Mapping[str, float]]
"""Outputs, one array per text, and their examples → metrics."""


@dataclass(frozen=True, slots=True)
class Split:
    """A tokenized split.

    Attributes:
        examples: the examples themselves.
        reading: of their texts.
        targets: what to learn, rows [rows, k] beside what the network gives.
        parts: the same by window: [k], or [tokens, k].
    """

    examples: Sequence[Example]
    reading: Reading
    targets: NDArray[np.float32]
    parts: Sequence[NDArray[np.float32]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", self.reading.parts(self.targets))

    @property
    def token_ids(self) -> Sequence[Sequence[int]]:
        """Ids of each window."""
        return self.reading.windows


@dataclass(frozen=True, slots=True)
class Learner:
    """A model with its optimizer and its task.

    Attributes:
        model: as the accelerator prepared it.
        optimizer: likewise.
        accelerator: device and precision.
        task: gives loss and probabilities.
        weights: [labels] on the device, or None.
        pad_id: id that fills gaps.
        max_grad_norm: gradients are clipped to it.
    """

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    accelerator: Accelerator
    task: Task
    weights: torch.Tensor | None
    pad_id: int
    max_grad_norm: float

    def learn(self, split: Split, batch: Sequence[int], rate: float) -> tuple[float, float]:
        """One optimizer step on the windows of `batch` (indices into `split`) at learning rate `rate`.

        Returns:
            The batch's mean loss and the gradient's norm before clipping.

        Raises:
            TrainingError: either is not finite; the weights are untouched then.
        """
        device = self.accelerator.device
        input_ids, attention_mask = padded([split.token_ids[index] for index in batch], self.pad_id, device)
        targets = padded_rows([split.parts[index] for index in batch], device)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        logits = raw_output(self.model(input_ids=input_ids, attention_mask=attention_mask))
        loss = self.task.loss(logits, targets, self.weights)
        self.accelerator.backward(loss)
        norm = self.accelerator.clip_grad_norm_(
            [p for p in self.model.parameters() if p.requires_grad], self.max_grad_norm
        )
        found = float(loss.detach()), float(norm)
        if not all(map(math.isfinite, found)):
            raise TrainingError(
                f"the loss is {found[0]} and the gradient's norm {found[1]}",
                where="training",
                expected="finite numbers",
                hint=f"lower training.learning_rate (this step used {rate:.2g}), or set training.precision to fp32",
            )
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)  # the next backward writes gradients instead of adding to zeros
        return found

    def validate(self, split: Split, score: Score, progress: Progress) -> tuple[float, Mapping[str, float]]:
        """Mean loss on the split, and what `score` says of the outputs."""
        import torch

        logits = torch_logits(
            self.model, split.token_ids, pad_id=self.pad_id, device=self.accelerator.device, progress=progress
        )
        weights = None if self.weights is None else self.weights.cpu()
        loss = float(self.task.loss(torch.from_numpy(logits), torch.from_numpy(split.targets), weights))
        parts = split.reading.parts(self.task.outputs(logits, 1.0))
        return loss, score(self.task.join(split.reading, parts), split.examples)


def label_weights(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights [k] by inverse frequency: a label with an equal share weighs 1, a rarer one more.

    Args:
        targets: [rows, k]; rows sum to 1, those with nothing to learn to 0.
    """
    import numpy as np

    mass = np.maximum(targets.sum(axis=0), 1.0)  # a label that never occurs must not get an infinite weight
    weights: NDArray[np.float32] = (targets.sum() / (targets.shape[1] * mass)).astype(np.float32)
    return weights
