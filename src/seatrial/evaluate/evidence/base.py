"""What evidence is made from and what it is. Refuses to know: any kind of answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.records import Example, Table
from seatrial.tasks import Said

__all__ = ["Evidence", "Predictions", "Settings", "Shown"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the model says of one split.

    Attributes:
        split: ``"test"`` or ``"validation"``.
        examples: n examples.
        truth: [n, …], what is true of them, as the metrics read it.
        label_scores: [n, …], what the model says about labels: probabilities [n, k] with the temperature applied, or
            another kind of score.
        uncalibrated: probabilities at temperature 1, of the same shape; None where the scores are no probabilities.
        lengths: [n], tokens of each example as the model reads it.
        said: n answers beside the truth.
    """

    split: str
    examples: Sequence[Example]
    truth: Indices
    label_scores: Floats
    uncalibrated: Floats | None
    lengths: Sequence[int]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Settings:
    """How figures beside the metrics are computed.

    Attributes:
        temperature: the one behind the scores, for the record.
        resamples: bootstrap resamples behind each interval.
        confidence: of the intervals.
        seed: of the resamples.
    """

    temperature: float
    resamples: int
    confidence: float
    seed: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Parts of the evaluation report, as the architecture page names them."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    series: Mapping[str, Table] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Evidence(Protocol):
    """Shows what one kind of answers looks like."""

    def __call__(self, predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
        """The tables, series and facts of predictions with labels; there is at least one label."""
