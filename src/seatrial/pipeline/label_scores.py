"""From raw outputs to what metrics read: one place, so that the uncompressed model and candidates are treated alike.

Without labels there is nothing that a metric could read and nothing that an opponent could answer.
Refuses to know: files, and how the outputs were computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.evaluate.evidence import Predictions
from seatrial.evaluate.metrics import reads
from seatrial.models.reading import Reading
from seatrial.records import Example
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import Known, Task
from seatrial.tasks.label_objective import LearnsLabels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LabelScores", "metrics_for", "opponents_for"]


def metrics_for(spec: ProjectSpec, task: Task, labels: Sequence[str]) -> Sequence[str]:
    """The metrics that are measured: the project file's, or the task's own; none where nothing can be right. Those that
    read what a model writes are not among them; see `pipeline.answers`."""
    named = [name for name in spec.evaluation.metrics if reads(name) == task.judged_on]
    return (named or task.metrics) if task.measurable(labels) else ()


def opponents_for(spec: ProjectSpec, task: Task, labels: Sequence[str]) -> Sequence[str]:
    """The opponents that play: the project file's, or the task's own, and other releases; none where nothing can be
    right."""
    if not task.measurable(labels):
        return ()
    named = spec.evaluation.opponents
    return (*(task.opponents if named is None else named), *spec.evaluation.releases)


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
        reading: Reading,
        logits: NDArray[np.float32],
        known: Sequence[Example],
        known_logits: NDArray[np.float32] | None,
    ) -> LabelScores:
        """Fit the temperature on the validation split, and keep what is looked up.

        Args:
            task: the task.
            labels: label names in order.
            validation: n examples.
            reading: of their texts.
            logits: rows [rows, k], of the model on them.
            known: `task.known` of the training split.
            known_logits: [m, k], of the model on those; None where there are none.
        """
        from seatrial.evaluate.temperature import fit_temperature

        temperature = 1.0
        if isinstance(task, LearnsLabels):
            targets = task.targets(validation, reading, labels, False)
            learnt = targets.any(axis=1)  # a row of zeros says that nothing is known about it
            temperature = fit_temperature(logits[learnt], targets[learnt])
        outputs = logits[:0] if known_logits is None else task.outputs(known_logits, temperature)
        return cls(task, labels, temperature, Known(known, outputs))

    def outputs(self, reading: Reading, logits: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Raw outputs, rows [rows, k] for `reading` → what the task means by them, one array per text."""
        return self.task.join(reading, reading.parts(self.task.outputs(logits, self.temperature)))

    def scores(self, reading: Reading, logits: NDArray[np.float32], examples: Sequence[Example]) -> NDArray[np.float32]:
        """What raw outputs for n examples say about labels: [n, …]."""
        return self.task.label_scores(self.outputs(reading, logits), examples, self.labels, self.known)

    def predictions(
        self, split: str, examples: Sequence[Example], reading: Reading, logits: NDArray[np.float32]
    ) -> Predictions:
        """What raw outputs for a split's examples come to, for the report.

        Args:
            split: its name.
            examples: n examples with labels.
            reading: of their texts.
            logits: rows [rows, k] of the model on them.
        """
        outputs = self.outputs(reading, logits)
        scores = self.task.label_scores(outputs, examples, self.labels, self.known)
        plain = None
        if self.task.per_label:
            joined = self.task.join(reading, reading.parts(self.task.outputs(logits, 1.0)))
            plain = self.task.label_scores(joined, examples, self.labels, self.known)
        return Predictions(
            split=split,
            examples=examples,
            truth=self.task.truth(examples, self.labels),
            label_scores=scores,
            uncalibrated=plain,
            lengths=reading.lengths,
            said=self.task.said(outputs, scores, examples, self.labels),
        )
