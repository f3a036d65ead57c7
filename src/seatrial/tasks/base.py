"""What changes when the problem changes: the protocol that every stage asks instead of knowing the task.

A stage is written once; a task is one file. If a stage needs to say ``if task == …``, a method is missing here.
Methods that take or give tensors import torch inside, so that serving loads none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["Task"]


class Task(Protocol):
    """One kind of problem."""

    name: str
    """Registered name."""
    metrics: tuple[str, ...]
    """Metrics measured when the project file names none."""
    primary_metric: str
    """The metric that early stopping follows; higher is better."""
    watched_metrics: tuple[str, ...]
    """Metrics scored at each validation while training, the primary one among them."""

    # prepare ---------------------------------------------------------------------------------------------------------
    def columns(self, data: DataSpec) -> tuple[str, ...]:
        """Columns that every row must have. Raises SpecError when the mapping itself is incomplete."""

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        """The names of the slices that its examples will have."""

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        """Turn a row into an example, or say why not.

        Args:
            row: values as the source gave them.
            data: the column mapping and rating rules.
            labels: declared label names; empty when they come from the data.
        """

    def text(self, example: Example) -> str:
        """The text that cleaning and duplicate search look at."""

    def with_text(self, example: Example, text: str) -> Example:
        """The same example with its text replaced by a cleaned one."""

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        """Raise DataError when these splits cannot be learned from or measured on."""

    # train and evaluate ----------------------------------------------------------------------------------------------
    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        """A transformers model with this task's head, from a pretrained folder. Head weights come from torch's RNG."""

    def load_trained(self, folder: Path) -> torch.nn.Module:
        """The model that `train` saved."""

    def targets(self, examples: Sequence[Example], labels: Sequence[str], soft: bool) -> NDArray[np.float32]:
        """What to learn: shape [n_examples, n_labels], rows sum to 1; one-hot where `soft` is false or nobody rated."""

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, label_weights: torch.Tensor | None) -> torch.Tensor:
        """Scalar training loss; logits and targets are [batch, n_labels], weights [n_labels] or None."""

    def probabilities(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        """Logits [n, n_labels] to probabilities of the same shape."""

    # serve -----------------------------------------------------------------------------------------------------------
    def answer(self, probabilities: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
        """The JSON object that the service gives for one item; probabilities are [n_labels]."""
