"""A candidate's figures, by requirement: what `judge` looks up.

Three kinds: metrics from predictions, agreement with the source model, and operational figures that were measured
through the running service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.measure import measure
from seatrial.evaluate.metrics import METRICS
from seatrial.records import Example, Measurement, Requirement

__all__ = ["CandidateFigures", "SplitData"]

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SplitData:
    """One split with what everybody else said of it.

    Attributes:
        examples: n examples.
        source: logits of the uncompressed model, [n, n_labels]; None where it was not tried.
        opponents: name → probabilities, [n, n_labels].
    """

    examples: Sequence[Example]
    source: Probabilities | None
    opponents: Mapping[str, Probabilities]


@dataclass
class CandidateFigures:
    """Everything known about one candidate; `lookup` is what the contract asks.

    Attributes:
        name: the candidate's name.
        labels: label names in the order of the columns.
        splits: split name → its data.
        operational: metric → measurement, for latency and size.
        probabilities: split name → the candidate's probabilities, for the splits it was tried on.
        resamples: bootstrap resamples.
        confidence: of intervals where the requirement names none.
        seed: of the resamples.
    """

    name: str
    labels: Sequence[str]
    splits: Mapping[str, SplitData]
    operational: Mapping[str, Measurement]
    resamples: int
    confidence: float
    seed: int
    probabilities: dict[str, Probabilities] = field(default_factory=dict)

    def lookup(self, requirement: Requirement) -> Measurement | None:
        """The measurement that `requirement` is about, or None when this candidate has none."""
        if requirement.split == "service":
            return self.operational.get(requirement.metric)
        split = self.splits.get(requirement.split)
        probabilities = self.probabilities.get(requirement.split)
        if split is None or probabilities is None:
            return None
        metric, examples = requirement.metric, split.examples
        if metric == "agreement":
            if split.source is None or not np.isfinite(split.source).all():
                return None
            metric, examples = "accuracy", self._as_source_says(split.examples, split.source)
        elif metric not in METRICS:
            return None
        against = split.opponents.get(requirement.over) if requirement.over else None
        if requirement.over and against is None:
            return None
        measured = measure(
            metric,
            probabilities,
            examples,
            self.labels,
            split=requirement.split,
            where=requirement.where,
            system=self.name,
            resamples=self.resamples,
            confidence=requirement.confidence or self.confidence,
            seed=self.seed,
            against=against,
            over=requirement.over,
        )
        return replace(measured, metric=requirement.metric)

    def _as_source_says(self, examples: Sequence[Example], source: Probabilities) -> list[Example]:
        """The examples relabelled by the source model: accuracy on them is agreement with it."""
        said = source.argmax(axis=1)
        return [replace(example, label=self.labels[index]) for example, index in zip(examples, said, strict=True)]
