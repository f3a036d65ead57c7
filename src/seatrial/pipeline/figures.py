"""A candidate's figures, by requirement: what `judge` looks up.

Three kinds: metrics from label scores, likeness to the uncompressed model, and operational figures that were measured
through the running service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.measure import measure, measure_values
from seatrial.evaluate.metrics import METRICS, reads
from seatrial.records import Example, Measurement, Requirement

__all__ = ["CandidateFigures", "SplitData"]

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the model's label scores of one kind, on one split.

    Attributes:
        truth: [n, …], what is true of the examples, as metrics of this kind read it.
        opponents: name → label scores, [n, …].
    """

    truth: NDArray[np.intp]
    opponents: Mapping[str, Scores]


@dataclass(frozen=True, slots=True)
class SplitData:
    """One split with what everybody else said of it.

    Attributes:
        examples: n examples.
        truth: [n, …], what is true of them; None where they have no labels, and then no metric is measured.
        opponents: name → label scores, [n, …].
        answers: kind of label scores → what stands beside them, for the kinds that are of what the model writes.
    """

    examples: Sequence[Example]
    truth: NDArray[np.intp] | None
    opponents: Mapping[str, Scores]
    answers: Mapping[str, Beside] = field(default_factory=dict)


@dataclass
class CandidateFigures:
    """Everything known about one candidate; `lookup` is what the contract asks.

    Attributes:
        name: the candidate's name.
        splits: split name → its data.
        operational: metric → measurement, for latency and size.
        label_scores: split name → the candidate's label scores [n, …], for the splits it was tried on.
        answer_scores: (kind, split name) → the candidate's label scores [n, …] of what it wrote.
        likeness: (figure's name, split name) → how like the uncompressed model's each answer is, [n].
        resamples: bootstrap resamples.
        confidence: of intervals where the requirement names none.
        seed: of the resamples.
    """

    name: str
    splits: Mapping[str, SplitData]
    operational: Mapping[str, Measurement]
    resamples: int
    confidence: float
    seed: int
    label_scores: dict[str, Scores] = field(default_factory=dict)
    answer_scores: dict[tuple[str, str], Scores] = field(default_factory=dict)
    likeness: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)

    def lookup(self, requirement: Requirement) -> Measurement | None:
        """The measurement that `requirement` is about, or None when this candidate has none."""
        if requirement.split == "service":
            return self.operational.get(requirement.metric)
        split = self.splits.get(requirement.split)
        if split is None:
            return None
        likeness = self.likeness.get((requirement.metric, requirement.split))
        if likeness is not None:
            return measure_values(
                requirement.metric,
                likeness,
                split.examples,
                split=requirement.split,
                where=requirement.where,
                system=self.name,
                resamples=self.resamples,
                confidence=requirement.confidence or self.confidence,
                seed=self.seed,
            )
        return self._metric(requirement, split)

    def _metric(self, requirement: Requirement, split: SplitData) -> Measurement | None:
        """A registered metric of the label scores."""
        if requirement.metric not in METRICS:
            return None
        scores, truth, opponents = self.label_scores.get(requirement.split), split.truth, split.opponents
        kind = reads(requirement.metric)
        if kind in split.answers:
            scores = self.answer_scores.get((kind, requirement.split))
            truth, opponents = split.answers[kind].truth, split.answers[kind].opponents
        if scores is None or truth is None:
            return None
        against = opponents.get(requirement.over) if requirement.over else None
        if requirement.over and against is None:
            return None
        return measure(
            requirement.metric,
            scores,
            split.examples,
            truth,
            split=requirement.split,
            where=requirement.where,
            system=self.name,
            resamples=self.resamples,
            confidence=requirement.confidence or self.confidence,
            seed=self.seed,
            against=against,
            over=requirement.over,
            ratio=requirement.ratio,
        )
