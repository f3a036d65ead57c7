"""Evidence for one label per text: which labels are mistaken for which, each label's figures, and calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from seatrial.evaluate import errors
from seatrial.evaluate.evidence.base import Predictions, Settings, Shown
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.per_label import per_label

__all__ = ["label_evidence"]


def label_evidence(predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
    """See `Evidence`; without uncalibrated probabilities nothing is said about calibration."""
    scores, truth = predictions.label_scores, predictions.truth
    series, facts = _calibration(predictions, settings.temperature)
    rows = per_label(
        scores,
        truth,
        labels,
        resamples=settings.resamples,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return Shown({"confusion": errors.confusion(scores, truth, labels), "per_label": rows}, series, facts)


def _calibration(
    predictions: Predictions, temperature: float
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """The reliability series and the facts about the temperature; nothing for scores that are no probabilities."""
    if predictions.uncalibrated is None:
        return {}, {}
    ece = METRICS.get("ece")
    scores, truth = predictions.label_scores, predictions.truth
    before, after = (ece.compute(said, truth) for said in (predictions.uncalibrated, scores))
    points = [
        *errors.reliability(predictions.uncalibrated, truth, calibrated=False),
        *errors.reliability(scores, truth, calibrated=True),
    ]
    facts = {
        "temperature": temperature,
        "ece_before": before if math.isfinite(before) else None,
        "ece_after": after if math.isfinite(after) else None,
    }
    return {"reliability": points}, facts
