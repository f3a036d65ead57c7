"""What changes when the problem changes: the protocol that every stage asks instead of knowing the task.

A stage is written once; a task is one file. If a stage needs to say ``if task == …``, a method is missing here.
Methods that take or give tensors import torch inside, so that serving loads none.

Three kinds of numbers pass through it: what the network gives (*logits*, [n, k]), what the task means by that
(*outputs*, [n, k]: probabilities, or unit vectors), and what that says about labels (*label scores*, [n, labels]).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["Known", "Task"]


@dataclass(frozen=True, slots=True)
class Known:
    """Training examples that a task looks things up in, with what the model that is judged gives for them.

    Attributes:
        examples: m labelled examples; none for a task that looks nothing up.
        outputs: [m, k], of the same model.
    """

    examples: Sequence[Example]
    outputs: NDArray[np.float32]


class Task(Protocol):
    """One kind of problem."""

    name: str
    """Registered name."""
    metrics: tuple[str, ...]
    """Metrics measured when the project file names none and the examples have labels."""
    primary_metric: str
    """The metric that early stopping follows; higher is better."""
    watched_metrics: tuple[str, ...]
    """Metrics scored at each validation while training, the primary one among them."""
    judged_on: str
    """What its label scores are, ``"probabilities"`` or ``"neighbours"``; a metric names in `reads` what it is for."""
    likeness: str
    """The figure that compares a compressed model with the one it came from: ``"agreement"``, ``"cosine_to_source"``;
    the mean of `alike`, measured on validation."""
    same_from: float
    """From this value of `alike` on, two outputs count as the same answer."""
    output_name: str
    """What the outputs are called where a protocol has to name them: ``"scores"``, ``"embedding"``."""
    per_label: bool
    """Whether the outputs are one probability per label, which a temperature corrects; otherwise they are vectors."""
    trainable: bool
    """Whether there is an objective; without one the base model is taken as it is."""
    hub_tag: str
    """The Hub's name for the task."""
    hub_library: str
    """The library that opens the release by itself."""

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
            labels: declared label names; empty when they come from the data, or there are none.
        """

    def text(self, example: Example) -> str:
        """The text that cleaning and duplicate search look at."""

    def with_text(self, example: Example, text: str) -> Example:
        """The same example with its text replaced by a cleaned one."""

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        """Raise DataError when these splits cannot be learned from or measured on."""

    # train -----------------------------------------------------------------------------------------------------------
    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        """A transformers model with this task's head, from a pretrained folder. Head weights come from torch's RNG."""

    def load_trained(self, folder: Path) -> torch.nn.Module:
        """The model that `train` saved. Called with token ids and mask, it gives a tensor [n, k], or an object that
        holds it as `logits`. Raises OSError or ValueError when the folder holds no such model."""

    def targets(self, examples: Sequence[Example], labels: Sequence[str], soft: bool) -> NDArray[np.float32]:
        """What to learn: shape [n_examples, n_labels], rows sum to 1; one-hot where `soft` is false or nobody rated."""

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, label_weights: torch.Tensor | None) -> torch.Tensor:
        """Scalar training loss; logits and targets are [batch, n_labels], weights [n_labels] or None."""

    # evaluate, compress, accept --------------------------------------------------------------------------------------
    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        """What the network gives [n, k] → what the task means by it, of the same shape; for labels, probabilities."""

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        """The training examples whose outputs `label_scores` looks things up in; empty when it needs none."""

    def label_scores(self, outputs: NDArray[np.float32], labels: Sequence[str], known: Known) -> NDArray[np.float32]:
        """What outputs [n, k] say about labels: [n, n_labels], rows sum to 1; the metrics read this."""

    def alike(self, logits: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float64]:
        """How like the network's answers are to another's on the same n texts, per text, at most 1; both are [n, k]."""

    # release and serve -----------------------------------------------------------------------------------------------
    def answer(self, output: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
        """The JSON object that the service gives for one item; `output` is one row of `outputs`."""

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        """File name → JSON value of what other libraries look for in the release, beside transformers' own files.

        Args:
            dimensions: numbers in one output.
            max_length: longest input in tokens.
        """
