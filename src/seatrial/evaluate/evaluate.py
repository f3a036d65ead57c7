"""The evaluate stage: what a model says of the held-out splits, beside its opponents → the report.

Refuses to know: models, files, and the contract's bounds. It is handed label scores.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seatrial.evaluate import errors
from seatrial.evaluate.measure import label_indices, measure_systems, scores
from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.evaluate.per_label import per_label
from seatrial.evaluate.slices import wheres
from seatrial.progress import Progress, silent
from seatrial.records import Example, Measurement, Report

__all__ = ["Predictions", "evaluate"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the model says of one split.

    Attributes:
        split: ``"test"`` or ``"validation"``.
        examples: n examples.
        probabilities: [n, k], what it says about labels: probabilities with the temperature applied, or other scores
            whose rows sum to 1.
        uncalibrated: [n, k], probabilities at temperature 1; None where the scores are no probabilities.
        lengths: [n], tokens of each example as the model reads it.
    """

    split: str
    examples: Sequence[Example]
    probabilities: Floats
    uncalibrated: Floats | None
    lengths: Sequence[int]


def evaluate(
    predictions: Predictions,
    opponents: Mapping[str, Floats],
    *,
    labels: Sequence[str],
    metrics: Sequence[str],
    asked: Sequence[Mapping[str, str]] = (),
    validation: Predictions | None = None,
    temperature: float = 1.0,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    progress: Progress = silent,
) -> Report:
    """Measure a model and its opponents, overall and on every slice, and say where the model is wrong.

    Args:
        predictions: the model on the split that is reported on.
        opponents: name → probabilities [n, k] on the same examples; one-hot rows are decisions without probabilities,
            for which only metrics that look at decisions are measured.
        labels: k label names in the order of the columns; without any there is nothing to be right about, and the
            report is empty.
        metrics: registered names.
        asked: slice filters of the requirements; combinations of slices are measured only when asked for.
        validation: the model on the validation split, measured without opponents.
        temperature: the one behind `probabilities`, for the record.
        resamples: bootstrap resamples behind each interval.
        confidence: of the intervals.
        seed: of the resamples.
        progress: hears ``"evaluate"`` with slices done.

    Returns:
        The report as the architecture page describes it: the model is the system ``"model"``, an opponent's name is
        its system, and the model's differences carry the opponent's name in `over`.

    Raises:
        SpecError: no such metric.
    """
    if not labels:
        return Report("evaluate")
    _check(opponents, predictions)
    jobs = [(predictions, opponents, where) for where in wheres(predictions.examples, asked)]
    if validation is not None:
        jobs += [(validation, {}, where) for where in wheres(validation.examples, asked)]
    measurements: list[Measurement] = []
    deciders = [name for name, probabilities in opponents.items() if _only_decides(probabilities)]
    progress("evaluate", 0, len(jobs))
    for done, (said, beside, where) in enumerate(jobs, start=1):
        measurements += measure_systems(
            metrics,
            {"model": said.probabilities, **beside},
            said.examples,
            labels,
            split=said.split,
            where=where,
            resamples=resamples,
            confidence=confidence,
            seed=seed,
            decisions_only=deciders,
        )
        progress("evaluate", done, len(jobs))
    return _report(
        predictions,
        labels,
        tuple(measurements),
        temperature,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )


def _check(opponents: Mapping[str, Floats], predictions: Predictions) -> None:
    """Refuse opponents that would be mistaken for the model or that answered for other examples."""
    for name, probabilities in opponents.items():
        if name == "model" or np.shape(probabilities) != np.shape(predictions.probabilities):
            raise ValueError(f"opponent {name!r} is called model, or answers for other examples")


def _report(
    predictions: Predictions,
    labels: Sequence[str],
    measurements: tuple[Measurement, ...],
    temperature: float,
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> Report:
    """The measurements with the tables, series and facts that show the model's errors."""
    examples, probabilities = predictions.examples, predictions.probabilities
    truth = label_indices(examples, labels)
    wrong = probabilities.argmax(axis=1) != truth
    series, facts = _calibration(predictions, truth, labels, temperature)
    return Report(
        stage="evaluate",
        measurements=measurements,
        tables={
            "confusion": errors.confusion(probabilities, truth, labels),
            "per_label": per_label(probabilities, truth, labels, resamples=resamples, confidence=confidence, seed=seed),
            "mistakes": errors.confident_mistakes(probabilities, truth, examples, labels),
            "mistakes_by_slice": errors.mistakes_by_slice(wrong, examples),
            "mistakes_by_length": errors.mistakes_by_length(wrong, predictions.lengths),
        },
        series=series,
        facts=facts,
    )


def _calibration(
    predictions: Predictions, truth: Indices, labels: Sequence[str], temperature: float
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """The reliability series and the facts about the temperature; nothing for scores that are no probabilities."""
    if predictions.uncalibrated is None:
        return {}, {}
    both = (predictions.uncalibrated, predictions.probabilities)
    before, after = (scores(["ece"], said, predictions.examples, labels)["ece"] for said in both)
    points = [
        *errors.reliability(predictions.uncalibrated, truth, calibrated=False),
        *errors.reliability(predictions.probabilities, truth, calibrated=True),
    ]
    facts = {
        "temperature": temperature,
        "ece_before": before if math.isfinite(before) else None,
        "ece_after": after if math.isfinite(after) else None,
    }
    return {"reliability": points}, facts


def _only_decides(probabilities: Floats) -> bool:
    """Whether every answer is all or nothing; rows without an answer (NaN) do not count."""
    return bool(np.isin(probabilities[np.isfinite(probabilities)], (0.0, 1.0)).all())
