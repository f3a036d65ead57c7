"""The evaluate stage: what a model says of the held-out splits, beside its opponents → the report.

Refuses to know: models, files, and the contract's bounds. It is handed label scores, and what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seatrial.evaluate import errors
from seatrial.evaluate.evidence import EVIDENCE, Predictions, Settings
from seatrial.evaluate.measure import measure_systems
from seatrial.evaluate.metrics.base import Floats
from seatrial.evaluate.slices import wheres
from seatrial.progress import Progress, silent
from seatrial.records import Measurement, Report, Table

__all__ = ["evaluate"]


def evaluate(
    predictions: Predictions,
    opponents: Mapping[str, Floats],
    *,
    labels: Sequence[str],
    metrics: Sequence[str],
    judged_on: str = "probabilities",
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
        opponents: name → label scores [n, …] on the same examples; one-hot rows are decisions without probabilities,
            for which only metrics that look at decisions are measured.
        labels: label names in order; empty for what is judged without labels.
        metrics: registered names; without any there is nothing to be right about, and the report is empty.
        judged_on: what the label scores are; the task's, by which the tables are chosen.
        asked: slice filters of the requirements; combinations of slices are measured only when asked for.
        validation: the model on the validation split, measured without opponents.
        temperature: the one behind the scores, for the record.
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
    if not metrics:
        return Report("evaluate")
    _check(opponents, predictions)
    jobs = [(predictions, opponents, where) for where in wheres(predictions.examples, asked)]
    if validation is not None:
        jobs += [(validation, {}, where) for where in wheres(validation.examples, asked)]
    measurements: list[Measurement] = []
    deciders = [name for name, scores in opponents.items() if _only_decides(scores)]
    progress("evaluate", 0, len(jobs))
    for done, (said, beside, where) in enumerate(jobs, start=1):
        measurements += measure_systems(
            metrics,
            {"model": said.label_scores, **beside},
            said.examples,
            said.truth,
            split=said.split,
            where=where,
            resamples=resamples,
            confidence=confidence,
            seed=seed,
            decisions_only=deciders,
        )
        progress("evaluate", done, len(jobs))
    shown = EVIDENCE.get(judged_on)(predictions, labels, Settings(temperature, resamples, confidence, seed))
    return Report(
        stage="evaluate",
        measurements=tuple(measurements),
        tables={**shown.tables, **_mistakes(predictions, labels)},
        series=shown.series,
        facts=shown.facts,
    )


def _mistakes(predictions: Predictions, labels: Sequence[str]) -> dict[str, Table]:
    """The tables of mistakes, where there are answers that can be one."""
    if not predictions.said:
        return {}
    wrong = np.array([not said.right for said in predictions.said], dtype=bool)
    return {
        "mistakes": errors.confident_mistakes(predictions.said, predictions.examples, labels),
        "mistakes_by_slice": errors.mistakes_by_slice(wrong, predictions.examples),
        "mistakes_by_length": errors.mistakes_by_length(wrong, predictions.lengths),
    }


def _check(opponents: Mapping[str, Floats], predictions: Predictions) -> None:
    """Refuse opponents that would be mistaken for the model or that answered for other examples."""
    for name, scores in opponents.items():
        if name == "model" or len(scores) != len(predictions.label_scores):
            raise ValueError(f"opponent {name!r} is called model, or answers for other examples")


def _only_decides(scores: Floats) -> bool:
    """Whether every answer is all or nothing; rows without an answer (NaN) do not count."""
    return bool(np.isin(scores[np.isfinite(scores)], (0.0, 1.0)).all())
