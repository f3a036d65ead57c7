"""A project's task learned together with those of others, as one task that training asks like any other.

The base model is loaded once for each task, with its head, and the bodies become one. What is saved is the model of the
project's own task. Refuses to know: where the others' examples come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from seatrial.errors import SpecError
from seatrial.records import Example
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.base import Learns
from seatrial.tasks.objective import Lesson, Objective, Score
from seatrial.tasks.together import Beside, Together

if TYPE_CHECKING:
    import torch

__all__ = ["Companion", "SeveralHeads", "SharesBody"]


@runtime_checkable
class SharesBody(Protocol):
    """A task whose network is a body with a head on it, so that other tasks can learn through the same body."""

    def load_beside(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        """The model of `Learns.load_model` as transformers' class, which has the body under its `base_model_prefix`."""


@dataclass(frozen=True, slots=True)
class Companion:
    """What another project brings.

    Attributes:
        name: of the project; no two alike.
        task: its task, one that is `SharesBody`.
        labels: label names in order.
        train: examples to learn from.
        validation: examples whose loss is written down.
        score: outputs and their examples → metrics of that task.
        training: its section; what says how targets are made is used.
        share: of all batches, those of this project.
        weight: of its loss.
    """

    name: str
    task: Learns
    labels: Sequence[str]
    train: Sequence[Example]
    validation: Sequence[Example]
    score: Score
    training: TrainingSpec
    share: float
    weight: float


@dataclass(frozen=True, slots=True)
class Tokenizers:
    """The tokenizer of each task, all read from one folder; saved is the first one's."""

    first: Any
    others: Sequence[Any]

    def save(self, path: str) -> None:
        """Write `tokenizer.json`."""
        self.first.save(path)


class SeveralHeads:
    """See `seatrial.tasks.base.Learns`.

    Args:
        task: the project's own, one that is `SharesBody`.
        others: what is learned beside it; at least one.
    """

    def __init__(self, task: Learns, others: Sequence[Companion]) -> None:
        self._task, self._others = task, tuple(others)
        self.name, self.network_kind = task.name, task.network_kind
        self.primary_metric, self.lower_is_better = task.primary_metric, task.lower_is_better
        self.watched_metrics, self.trainable = task.watched_metrics, task.trainable
        self.new_head = True
        """The heads of the others are new in any case."""

    def check_model(self, model: ModelSpec) -> None:
        self._task.check_model(model)

    def texts(self, example: Example) -> Sequence[str]:
        return self._task.texts(example)

    def load_tokenizer(self, folder: Path, max_length: int) -> Tokenizers:
        others = [other.task.load_tokenizer(folder, max_length) for other in self._others]
        return Tokenizers(self._task.load_tokenizer(folder, max_length), others)

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        """A `models.shared_body.SharedBody`; its first part is the project's own model.

        Raises:
            SpecError: transformers has no such models, or they have no body in common.
        """
        from seatrial.models.shared_body import SharedBody

        models = []
        for task, names in ((self._task, labels), *((other.task, other.labels) for other in self._others)):
            assert isinstance(task, SharesBody)  # the caller has looked
            try:
                models.append(task.load_beside(folder, names, dropout))
            except (OSError, ValueError) as error:
                raise SpecError(
                    f"transformers makes no model for {task.name} of the base: {str(error).splitlines()[0][:200]}",
                    where="training.together",
                    expected="a network that transformers opens, such as BERT's",
                ) from error
        return SharedBody(models)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        return self._task.load_trained(folder)

    def objective(self, lesson: Lesson) -> Objective:
        tokenizers: Tokenizers = lesson.tokenizer
        beside = []
        for other, tokenizer in zip(self._others, tokenizers.others, strict=True):
            its = Lesson(
                tokenizer, other.train, other.validation, other.labels, other.training, lesson.model, lesson.seed
            )
            beside.append(Beside(other.name, other.task.objective(its), other.score, other.share, other.weight))
        first = self._task.objective(replace(lesson, tokenizer=tokenizers.first))
        return Together(first, beside, seed=lesson.seed)


_: type[Learns] = SeveralHeads  # the type checker holds it to the protocol
