"""What an opponent is. It sees what the model sees: the training split, then the texts to answer for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.tasks import Task

__all__ = ["AsksStart", "Opponent", "Start", "decisions", "text_of"]


class Opponent(Protocol):
    """A way to answer that the model should beat; constructing it learns whatever it learns."""

    answers: tuple[str, ...] = ("probabilities", "neighbours")
    """The kinds of label scores that it can stand beside; a task names its kind in `judged_on`."""

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        """Learn.

        Args:
            train: the training split.
            labels: k label names in the dataset's order.
            seed: of everything random.

        Raises:
            SpecError: this opponent cannot play with these labels; see `check`.
            MissingExtraError: it needs packages that are not installed.
        """

    @staticmethod
    def check(labels: Sequence[str], *, rated: bool) -> None:
        """Say before anything is learned whether it can play at all; by default it can.

        Args:
            labels: label names.
            rated: whether several people rated each example.

        Raises:
            SpecError: it cannot answer with these labels, or needs ratings.
        """

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Label scores [n, …] of a kind in `answers`: probabilities [n, k]; one-hot rows where it only decides, NaN
        rows where it has no answer."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where training starts from.

    Attributes:
        task: what is done with the model.
        folder: the model before training, with its tokenizer.
        max_length: tokens that the network is given at once.
        progress: hears ``"predict"``.
    """

    task: Task
    folder: Path
    max_length: int
    progress: Progress


@runtime_checkable
class AsksStart(Protocol):
    """An opponent that answers with the model before training. It is refused for a network from nothing."""

    def start_from(self, start: Start) -> None:
        """Hear which model that is, once, before the first question."""


def decisions(chosen: Sequence[int], k: int) -> NDArray[np.float64]:
    """One-hot rows [n, k] for label positions [n]."""
    return np.eye(k)[np.asarray(chosen, dtype=np.intp)]


def text_of(example: Example) -> str:
    """All inputs as one text, in the order of their names."""
    return "\n".join(example.inputs[name] for name in sorted(example.inputs))
