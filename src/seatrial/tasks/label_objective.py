"""Learning labels: windows of tokens beside rows of targets, in batches of like length.

Refuses to know: which network it is, and what its numbers mean; the task says both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from seatrial.data.batches import token_budget_batches
from seatrial.models.forward import padding_id, raw_output, torch_logits
from seatrial.models.padding import padded, padded_rows
from seatrial.models.reading import Reading
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.tasks.objective import Lesson, Score

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["LabelObjective", "LearnsLabels", "Split", "label_weights"]


@runtime_checkable
class LearnsLabels(Protocol):
    """What a task has that learns labels, beside what every task has."""

    primary_metric: str
    lower_is_better: bool
    mean_by_label_weights: bool
    """Whether the mean of `loss` is over the weights of the labels, so that a batch of rare labels counts for more; or
    over the targets alone, weighed as they are."""

    def reading(self, tokenizer: Tokenizer, examples: Sequence[Example]) -> Reading:
        """See `Task.reading`."""

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """See `Task.join`."""

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        """See `Task.outputs`."""

    def targets(
        self, examples: Sequence[Example], reading: Reading, labels: Sequence[str], soft: bool
    ) -> NDArray[np.float32]:
        """What to learn, as rows [rows, k] beside what the network gives for `reading`; a row sums to 1, or is all
        zeros where there is nothing to learn. One-hot where `soft` is false or nobody rated."""

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, label_weights: torch.Tensor | None) -> torch.Tensor:
        """Scalar training loss; logits and targets are [batch, k] or [batch, tokens, k], weights [k] or None."""


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

    @property
    def digest(self) -> str:
        """SHA-256 over ids and targets."""
        digest = hashlib.sha256(self.targets.tobytes())
        digest.update(json.dumps([list(ids) for ids in self.token_ids]).encode())
        return digest.hexdigest()


class LabelObjective:
    """The objective of a task that learns labels; see `Objective`.

    Args:
        task: targets, loss, and what outputs mean.
        lesson: what there is to learn from.
    """

    def __init__(self, task: LearnsLabels, lesson: Lesson) -> None:
        import torch

        self.metric, self.lower_is_better = task.primary_metric, task.lower_is_better
        self._task, self._seed = task, lesson.seed
        self._train, self._validation = self._split(lesson, lesson.train), self._split(lesson, lesson.validation)
        self._weights: torch.Tensor | None = None
        if lesson.training.class_weights == "balanced":
            self._weights = torch.from_numpy(label_weights(self._train.targets))
        self.lengths: Sequence[int] = [len(ids) for ids in self._train.token_ids]
        self.digest = f"{self._train.digest} {self._validation.digest}"

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        return token_budget_batches(self.lengths, max_tokens=max_tokens, max_items=max_items, seed=self._seed + epoch)

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        split = self._train
        input_ids, attention_mask = padded([split.token_ids[index] for index in batch], padding_id(model), device)
        targets = padded_rows([split.parts[index] for index in batch], device)
        logits = raw_output(model(input_ids=input_ids, attention_mask=attention_mask))
        return self._task.loss(logits, targets, None if self._weights is None else self._weights.to(device))

    def weight(self, batch: Sequence[int]) -> float:
        """What the mean of the task's loss is over: the targets in the batch, texts or tokens that carry a tag, or the
        weights of their labels."""
        parts = (self._train.parts[index] for index in batch)
        if self._weights is None or not self._task.mean_by_label_weights:
            return float(sum(part.sum() for part in parts))
        weights = self._weights.numpy()
        return float(sum((part * weights).sum() for part in parts))

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        import torch

        split = self._validation
        logits = torch_logits(model, split.token_ids, pad_id=padding_id(model), device=device, progress=progress)
        loss = float(self._task.loss(torch.from_numpy(logits), torch.from_numpy(split.targets), self._weights))
        parts = split.reading.parts(self._task.outputs(logits, 1.0))
        return loss, score(self._task.join(split.reading, parts), split.examples)

    def _split(self, lesson: Lesson, examples: Sequence[Example]) -> Split:
        reading = self._task.reading(lesson.tokenizer, examples)
        targets = self._task.targets(examples, reading, lesson.labels, lesson.training.soft_targets)
        return Split(examples, reading, targets)


def label_weights(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights [k] by inverse frequency: a label with an equal share weighs 1, a rarer one more.

    Args:
        targets: [rows, k]; rows sum to 1, those with nothing to learn to 0.
    """
    import numpy as np

    mass = np.maximum(targets.sum(axis=0), 1.0)  # a label that never occurs must not get an infinite weight
    weights: NDArray[np.float32] = (targets.sum() / (targets.shape[1] * mass)).astype(np.float32)
    return weights
