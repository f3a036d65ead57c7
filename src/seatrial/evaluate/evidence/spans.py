"""Evidence for entities: each label's precision, recall and F1, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.evaluate.evidence.base import Predictions, Settings, Shown
from seatrial.evaluate.metrics.entities import span_counts
from seatrial.evaluate.per_label import figures_per_label

__all__ = ["span_evidence"]


def span_evidence(predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
    """See `Evidence`. `n` of a label is how many entities of it there are; intervals are over texts."""
    rows = figures_per_label(
        span_counts(predictions.label_scores, predictions.truth),
        len(predictions.examples),
        labels,
        resamples=settings.resamples,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return Shown({"per_label": rows}, facts={"temperature": settings.temperature})
