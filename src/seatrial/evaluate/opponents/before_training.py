"""The opponent that shows what training brought: the model before it, asked as the trained one is.

It reads the same examples through the same tokenizer, so that every figure of the trained model has one of the base
beside it, perplexity too. Refuses to know: tasks that give a model a new head, for which there is no answer before
training.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import ResolveError
from seatrial.evaluate.opponents.base import Opponent, Start
from seatrial.records import Example
from seatrial.tasks import Known

if TYPE_CHECKING:
    import torch

__all__ = ["BeforeTraining"]


class BeforeTraining(Opponent):
    """See `Opponent` and `AsksStart`; learns nothing."""

    answers: tuple[str, ...] = ("tokens", "written", "preferences")

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del train, seed
        self._labels = labels
        self._start: Start | None = None

    def start_from(self, start: Start) -> None:
        """See `AsksStart`."""
        self._start = start

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """The label scores of the base, as the task gives them for the trained model; see `Opponent.probabilities`.

        Raises:
            ResolveError: there is no such model in the folder.
        """
        start = self._start
        assert start is not None  # `start_from` comes first
        task, (model, tokenizer) = start.task, self._loaded
        reading = task.reading(tokenizer, examples)
        outputs = task.outputs(task.rows(model, tokenizer, examples, reading, start.progress), 1.0)
        nothing = Known((), np.empty((0, 0), dtype=np.float32))
        scores = task.label_scores(task.join(reading, reading.parts(outputs)), examples, self._labels, nothing)
        return scores.astype(np.float64)

    @cached_property
    def _loaded(self) -> tuple[torch.nn.Module, Any]:
        """The model and its tokenizer."""
        assert self._start is not None
        task, folder = self._start.task, self._start.folder
        try:
            return task.load_trained(folder), task.load_tokenizer(folder, self._start.max_length)
        except (OSError, ValueError) as error:
            raise ResolveError(
                f"the base model cannot answer before it is trained: {error}",
                where="evaluation.opponents",
                hint="take base out of evaluation.opponents",
            ) from error
