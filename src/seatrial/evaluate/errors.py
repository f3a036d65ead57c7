"""Where a system is wrong: which texts, which slices, which lengths, which labels, and how sure it was.

Everything here is a table or a series of the evaluation report. Refuses to know: intervals, opponents, the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.evaluate.metrics.ece import BINS, confidence_bins
from seatrial.evaluate.slices import MOST_VALUES, select, slice_values
from seatrial.records import Example
from seatrial.tasks import Said

__all__ = [
    "confident_mistakes",
    "confusion",
    "mistakes_by_length",
    "mistakes_by_slice",
    "reliability",
]

Rows = list[dict[str, Any]]

LENGTH_EDGES = (8, 16, 24, 32, 48, 64, 96, 128, 256, 512)
"""Last number of tokens of each group of lengths; a further group holds longer texts."""
MOST_CHARACTERS = 500
"""Longer texts are cut in the table of mistakes."""


def confusion(probabilities: Floats, truth: Indices, labels: Sequence[str]) -> Rows:
    """Rows {label, predicted, count} for every pair of labels.

    Args:
        probabilities: [n, k].
        truth: [n], label positions.
        labels: k label names.
    """
    counts = np.zeros((len(labels), len(labels)), dtype=np.intp)
    np.add.at(counts, (truth, probabilities.argmax(axis=1)), 1)
    return [
        {"label": label, "predicted": predicted, "count": int(counts[i, j])}
        for i, label in enumerate(labels)
        for j, predicted in enumerate(labels)
    ]


def confident_mistakes(
    said: Sequence[Said], examples: Sequence[Example], labels: Sequence[str], *, limit: int = 50
) -> Rows:
    """The mistakes that the system was surest of, surest first.

    Args:
        said: n answers beside the truth.
        examples: n examples.
        labels: label names in the order of the raters' distributions.
        limit: rows at most.

    Returns:
        Rows {text, label, predicted, probability, agreement, slices}. `agreement` is the share of raters who gave the
        label, None where nobody rated: a low one says that the label itself may be wrong.
    """
    wrong = [place for place, answer in enumerate(said) if not answer.right]
    rows: Rows = []
    for place in sorted(wrong, key=lambda place: -said[place].probability)[:limit]:
        example, answer = examples[place], said[place]
        text = "\n".join(example.inputs.values())
        rows.append(
            {
                "text": text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…",
                "label": answer.label,
                "predicted": answer.predicted,
                "probability": round(answer.probability, 4),
                "agreement": _agreement(example, labels),
                "slices": dict(example.slices),
            }
        )
    return rows


def mistakes_by_slice(wrong: NDArray[np.bool_], examples: Sequence[Example]) -> Rows:
    """Rows {slice, value, n, errors, error_rate} for the frequent values of every slice.

    Args:
        wrong: [n], whether the system's label is not the true one.
        examples: n examples.
    """
    rows: Rows = []
    for name, values in slice_values(examples).items():
        for value in list(values)[:MOST_VALUES]:
            rows.append({"slice": name, "value": value, **_rate(wrong[select(examples, {name: value})])})
    return rows


def mistakes_by_length(wrong: NDArray[np.bool_], lengths: Sequence[int]) -> Rows:
    """Rows {tokens, n, errors, error_rate} for groups of lengths that hold any example, short to long.

    Args:
        wrong: [n].
        lengths: [n], tokens of each example.
    """
    groups = np.searchsorted(LENGTH_EDGES, np.asarray(lengths), side="left")
    starts = [1, *(edge + 1 for edge in LENGTH_EDGES)]
    names = [f"{start}-{end}" for start, end in zip(starts, LENGTH_EDGES, strict=False)] + [f"{starts[-1]} and more"]
    return [{"tokens": names[group], **_rate(wrong[groups == group])} for group in np.unique(groups)]


def reliability(probabilities: Floats, truth: Indices, *, calibrated: bool) -> Rows:
    """Points {confidence, accuracy, count, calibrated}, one per bin of the highest probability that holds any item.

    Args:
        probabilities: [n, k].
        truth: [n].
        calibrated: whether a temperature was applied, for the record.
    """
    bins, correct = confidence_bins(probabilities), probabilities.argmax(axis=1) == truth
    confidence = probabilities.max(axis=1)
    points: Rows = []
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            points.append(
                {
                    "confidence": float(confidence[inside].mean()),
                    "accuracy": float(correct[inside].mean()),
                    "count": int(inside.sum()),
                    "calibrated": calibrated,
                }
            )
    return points


def _rate(wrong: NDArray[np.bool_]) -> dict[str, Any]:
    n, errors = len(wrong), int(wrong.sum())
    return {"n": n, "errors": errors, "error_rate": errors / n if n else None}


def _agreement(example: Example, labels: Sequence[str]) -> float | None:
    """The share of raters who gave the example's label; None where nobody rated."""
    if example.distribution is None:
        return None
    return round(example.distribution[labels.index(example.label)], 4)
