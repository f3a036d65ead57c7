"""Precision, recall and F1 of every label, with intervals. Refuses to know: examples, slices, who answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from seatrial.evaluate.intervals import bootstrap, percentile_interval
from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.evaluate.metrics.label_counts import LabelCounts, label_counts

__all__ = ["figures_per_label", "per_label"]

FIGURES = ("precision", "recall", "f1")


def per_label(
    probabilities: Floats,
    truth: Indices,
    labels: Sequence[str],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """One row per label.

    Args:
        probabilities: [n, k]; the most probable label is the answer.
        truth: [n], the index of the true label.
        labels: k names.
        resamples: bootstrap resamples behind each interval.
        confidence: of the intervals.
        seed: of the resamples.

    Returns:
        Rows {label, precision, recall, f1, n, precision_interval, recall_interval, f1_interval}. A figure that is not
        defined for a label is None, and so is its interval; an interval is [low, high].
    """
    return figures_per_label(
        label_counts(probabilities, truth), len(truth), labels, resamples=resamples, confidence=confidence, seed=seed
    )


def figures_per_label(
    count: Callable[[Floats], LabelCounts],
    n: int,
    labels: Sequence[str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> list[dict[str, Any]]:
    """The same from counts as a function of weights [n, r], whatever is counted; see `per_label`."""
    found = count(np.ones((n, 1)))
    defined = {"precision": found.predicted > 0, "recall": found.true > 0, "f1": found.true + found.predicted > 0}

    def figures(weights: Floats) -> Floats:
        return _stacked(count(weights))

    values = _stacked(found)[:, :, 0]  # [figures, labels]
    spread = bootstrap([figures], n, resamples=resamples, seed=seed)[0]  # [figures, labels, resamples]
    rows = []
    for i, label in enumerate(labels):
        row: dict[str, Any] = {"label": label, "n": int(found.true[i, 0])}
        for f, name in enumerate(FIGURES):
            known = bool(defined[name][i, 0])
            interval = percentile_interval(spread[f, i], n=n, confidence=confidence) if known else None
            row[name] = float(values[f, i]) if known else None
            row[f"{name}_interval"] = [interval.low, interval.high] if interval else None
        rows.append(row)
    return rows


def _stacked(counts: LabelCounts) -> Floats:
    """[figures, labels, resamples], in the order of `FIGURES`."""
    return np.stack([counts.precision, counts.recall, counts.f1])
