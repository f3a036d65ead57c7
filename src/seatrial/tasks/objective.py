"""What the training loop needs of a task: batches, the loss of a batch, a validation. It is all that the loop knows.

An objective is made once per run from the examples (`Task.objective`). It knows what is learned: labels, the next
token, hidden tokens, another text. The loop knows optimizers, rates and checkpoints, and neither knows the other's
business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.spec.training import ModelSpec, TrainingSpec

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["Lesson", "Objective", "Refers", "Score"]

Score = Callable[["Sequence[NDArray[np.float32]]", Sequence[Example]], Mapping[str, float]]
"""Outputs, one array per text, and their examples → metrics."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to learn from.

    Attributes:
        tokenizer: of the base model, as the task's `load_tokenizer` gave it.
        train: examples to learn from.
        validation: examples to stop and choose by.
        labels: label names in order; empty for a task without.
        training: the section of the project file, with what it leaves open still open.
        model: likewise.
        seed: of the order of the batches, and of whatever else is drawn.
    """

    tokenizer: Any
    train: Sequence[Example]
    validation: Sequence[Example]
    labels: Sequence[str]
    training: TrainingSpec
    model: ModelSpec
    seed: int


class Objective(Protocol):
    """What one run learns. Items are what batches are made of: windows of tokens, packed rows, pairs of texts."""

    metric: str
    """The validation metric that early stopping follows."""
    lower_is_better: bool
    """Whether a smaller value of it is a better one."""
    lengths: Sequence[int]
    """Tokens of each training item."""
    digest: str
    """Of everything that is learned from and validated on; a checkpoint of a run with another is never continued."""

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        """The batches of one pass over the training items; the same for the same arguments.

        Args:
            epoch: number of the pass, from 0.
            max_tokens: in a batch, padding included.
            max_items: in a batch.
        """

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        """The mean loss of a batch, a scalar with a gradient; the model is in training mode, on `device`."""

    def weight(self, batch: Sequence[int]) -> float:
        """How many things the mean of `loss` is over: what a batch counts beside others of the same optimizer step."""

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        """The mean loss on the validation split, and what `score` says of the outputs. The model is left in the mode
        it was in."""


@runtime_checkable
class Refers(Protocol):
    """What an objective promises beside `Objective` when it measures the model by the one that training starts from.

    That one is asked once, before the first step; what it said is kept with the run, so that a run that goes on learns
    against the same numbers to the last bit.
    """

    rate_share: float
    """The learning rate that suits it, as a share of what suits the adapter, for when the project file names none."""

    def reference(self, model: torch.nn.Module, progress: Progress) -> NDArray[np.float32]:
        """What the model says now of everything that is learned from and validated on. It is left in the mode it was
        in, and nothing is drawn from a random generator."""

    def refer_to(self, reference: NDArray[np.float32]) -> None:
        """Hear what `reference` gave for the model that training starts from, before the first loss."""
