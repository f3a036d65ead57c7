"""What training is handed beside the project's own examples: those of the projects that are learned together with it.

A text that this project holds out is not learned from, whatever another project says about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import DataError
from seatrial.pipeline.others import Other, other_projects
from seatrial.records import Example
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Known, Task
from seatrial.tasks.several_heads import Companion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seatrial.tasks.objective import Score

__all__ = ["companions", "scorer"]

MOST_VALIDATED = 500
"""Examples of another project that each validation looks at: enough for a curve, and little beside training."""


def scorer(task: Task, labels: Sequence[str]) -> Score:
    """What training calls with the outputs for some examples: the metrics that the task watches."""
    nothing = Known((), np.empty((0, 0), dtype=np.float32))

    def score(outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example]) -> Mapping[str, float]:
        from seatrial.evaluate.measure import scores

        said = task.label_scores(outputs, examples, labels, nothing)
        return scores(task.watched_metrics, said, task.truth(examples, labels))

    return score


def companions(
    spec: ProjectSpec, root: Path, prepared: Path | None, held_out: Sequence[str]
) -> tuple[list[Companion], list[dict[str, Any]]]:
    """The other projects' tasks and examples, and a row of the report for each.

    Args:
        spec: the resolved project file.
        root: the project's folder.
        prepared: what the stage `together` made; None where there are no other projects.
        held_out: texts of this project's validation and test splits.

    Raises:
        DataError: nothing is left of another project's training split.
    """
    if prepared is None:
        return [], []
    known = {_folded(text) for text in held_out}
    found, rows = [], []
    for place, other in enumerate(other_projects(spec, root)):
        companion, left_out = _companion(other, prepared / str(place), known)
        found.append(companion)
        rows.append(
            {
                "project": other.name,
                "task": companion.task.name,
                "share": companion.share,
                "weight": companion.weight,
                "train": len(companion.train),
                "validation": len(companion.validation),
                "left_out": left_out,
            }
        )
    return found, rows


def _companion(other: Other, dataset: Path, held_out: set[str]) -> tuple[Companion, int]:
    from seatrial.data.dataset import read_labels, read_split

    task, labels = TASKS.get(other.spec.task, where="task")(), read_labels(dataset)
    whole = read_split(dataset, "train")
    train = [example for example in whole if _folded(task.text(example)) not in held_out]
    if not train:
        raise DataError(
            f"every text that {other.name} learns from is in the validation or test split of this project",
            where="training.together",
            hint="give it texts of its own",
        )
    companion = Companion(
        other.name,
        task,
        labels,
        train,
        read_split(dataset, "validation")[:MOST_VALIDATED],
        scorer(task, labels),
        other.spec.training,
        other.beside.share,
        other.beside.weight,
    )
    return companion, len(whole) - len(train)


def _folded(text: str) -> str:
    """Texts that differ in case and white space alone are the same one."""
    return " ".join(text.split()).casefold()
