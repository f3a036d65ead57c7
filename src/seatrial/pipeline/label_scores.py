"""From raw outputs to what metrics read: one place, so that the uncompressed model and candidates are treated alike.

Without labels there is nothing that a metric could read and nothing that an opponent could answer.
Refuses to know: files, and how the outputs were computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.records import Example
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import Known, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LabelScores", "metrics_for", "opponents_for"]


def metrics_for(spec: ProjectSpec, task: Task, labels: Sequence[str]) -> Sequence[str]:
    """The metrics that are measured: the project file's, or the task's own; none without labels."""
    return (spec.evaluation.metrics or task.metrics) if labels else ()


def opponents_for(spec: ProjectSpec, labels: Sequence[str]) -> Sequence[str]:
    """The opponents that play; none without labels."""
    return spec.evaluation.opponents if labels else ()


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Reads one model's raw outputs.

    Attributes:
        task: knows what they mean.
        labels: label names in order; may be empty.
        temperature: of the model; 1 where outputs are no probabilities.
        known: the training examples that the task looks things up in, with this model's outputs.
    """

    task: Task
    labels: Sequence[str]
    temperature: float
    known: Known

    @classmethod
    def of(
        cls,
        task: Task,
        labels: Sequence[str],
        *,
        validation: Sequence[Example],
        logits: NDArray[np.float32],
        known: Sequence[Example],
        known_logits: NDArray[np.float32] | None,
    ) -> LabelScores:
        """Fit the temperature on the validation split, and keep what is looked up.

        Args:
            task: the task.
            labels: label names in order.
            validation: n examples.
            logits: [n, k], of the model on them.
            known: `task.known` of the training split.
            known_logits: [m, k], of the model on those; None where there are none.
        """
        from seatrial.evaluate.temperature import fit_temperature

        temperature = fit_temperature(logits, task.targets(validation, labels, False)) if task.per_label else 1.0
        outputs = logits[:0] if known_logits is None else task.outputs(known_logits, temperature)
        return cls(task, labels, temperature, Known(known, outputs))

    def scores(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """What raw outputs [n, k] say about labels: [n, n_labels]."""
        return self.task.label_scores(self.task.outputs(logits, self.temperature), self.labels, self.known)

    def uncalibrated(self, logits: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """The probabilities at temperature 1; None where scores are no probabilities."""
        return self.task.outputs(logits, 1.0) if self.task.per_label else None
