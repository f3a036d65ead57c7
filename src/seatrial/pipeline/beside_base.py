"""What the model says that training starts from, beside what the trained one says, for tasks that judge by both.

`evaluate` asks the base once about both held-out splits and keeps the answers; `accept` reads them. Refuses to know:
what a task makes of the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seatrial.pipeline.stages.base import StageContext
from seatrial.pipeline.start import starting_model
from seatrial.records import Example
from seatrial.tasks import JudgedBesideBase, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["START", "beside_base", "said_at_start"]

START = "start"
"""Stands where a system's name does: the model before training."""

Rows = Mapping[tuple[str, str], "NDArray[np.float32]"]


def said_at_start(
    context: StageContext, task: Task, train: Sequence[Example], splits: Mapping[str, Sequence[Example]]
) -> dict[tuple[str, str], NDArray[np.float32]]:
    """(`START`, split) → rows of the base on the split; nothing for a task that does not ask.

    Args:
        context: of the stage that wants them.
        task: of the project.
        train: the training split, for a base that is made from it.
        splits: name → examples.

    Raises:
        ResolveError, OfflineError: the base model is not there any more.
    """
    if not isinstance(task, JudgedBesideBase):
        return {}
    folder = starting_model(context, task, train)
    model, tokenizer = task.load_trained(folder), task.load_tokenizer(folder, context.spec.model.max_length)
    return {
        (START, split): task.rows(model, tokenizer, examples, task.reading(tokenizer, examples), context.progress)
        for split, examples in splits.items()
    }


def beside_base(task: Task, rows: NDArray[np.float32], said: Rows, split: str) -> NDArray[np.float32]:
    """Rows of the trained model on a split, with what the task needs of the base's; as they are for other tasks.

    Args:
        task: of the project.
        rows: of `Task.rows`.
        said: what `said_at_start` gave, perhaps among others.
        split: its name.
    """
    return task.beside_base(rows, said[START, split]) if isinstance(task, JudgedBesideBase) else rows
