"""One optimizer step: the loss of some batches, their gradient, the update.

Refuses to know when, and what is learned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from seatrial.errors import TrainingError
from seatrial.progress import Progress
from seatrial.tasks.objective import Objective, Score
from seatrial.train.distributed import Strategy
from seatrial.train.distributed.tensors import whole

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator

__all__ = ["Learner"]


@dataclass(frozen=True, slots=True)
class Learner:
    """A model with its optimizer and what it learns.

    Attributes:
        model: as the strategy prepared it.
        optimizer: likewise.
        accelerator: device and precision.
        objective: batches, loss and validation.
        max_grad_norm: gradients are clipped to it.
        strategy: how the work is divided among processes.
    """

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    accelerator: Accelerator
    objective: Objective
    max_grad_norm: float
    strategy: Strategy

    def learn(self, batches: Sequence[Sequence[int]], rate: float) -> tuple[float, float]:
        """One optimizer step on the training items of `batches` at learning rate `rate`.

        With several batches, the gradient is that of one batch of all their items, at the memory of one of them: each
        counts by its weight.

        Returns:
            The mean loss and the gradient's norm before clipping.

        Raises:
            TrainingError: either is not finite; the weights are untouched then.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        mean = 0.0
        parts = self.strategy.divide(batches, self.objective.weight)
        for number, (batch, share) in enumerate(parts, 1):
            mean += self.strategy.backward(partial(self._loss, batch), share, last=number == len(parts))
        mean = self.strategy.total(mean)
        norm = self.accelerator.clip_grad_norm_(
            [p for p in self.model.parameters() if p.requires_grad], self.max_grad_norm
        )
        found = mean, float(whole(norm))
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

    def validate(self, score: Score, progress: Progress) -> tuple[float, Mapping[str, float]]:
        """Mean loss on the validation split, and what `score` says of the outputs."""
        return self.strategy.judge(
            lambda network: self.objective.validate(network, score, self.accelerator.device, progress)
        )

    def _loss(self, batch: Sequence[int], network: torch.nn.Module) -> torch.Tensor:
        return self.objective.loss(network, batch, self.accelerator.device)
