"""Text classification: one text, one of several labels, hard or as a distribution over raters."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import DataError, SpecError
from seatrial.models.quiet import quiet_transformers
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["TextClassification"]

MIN_EXAMPLES_PER_LABEL = 2


class TextClassification:
    """The task `text-classification`; see `seatrial.tasks.base.Task` for what each method promises."""

    name = "text-classification"
    metrics = (
        "accuracy",
        "precision_macro",
        "recall_macro",
        "f1_macro",
        "f1_micro",
        "roc_auc",
        "ece",
        "brier",
        "log_loss",
    )
    primary_metric = "accuracy"
    watched_metrics = ("accuracy", "f1_macro", "log_loss")

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        columns = data.columns
        if (columns.label is None) == (columns.ratings is None):
            raise SpecError(
                "name the column that holds the label, or the one that holds the ratings",
                where="data.columns",
                expected="exactly one of label and ratings",
            )
        labelled = columns.label or columns.ratings
        assert labelled is not None
        optional = (columns.id, data.split.column)
        return (columns.text, labelled, *data.slices, *(name for name in optional if name))

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        return (*data.slices, "agreed") if data.columns.ratings else tuple(data.slices)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        columns = data.columns
        text = row.values[columns.text]
        if not isinstance(text, str):
            return Drop("text is missing" if text is None else "text is not a string", repr(text)[:200], row.provenance)
        slices = {name: str(row.values[name]) for name in data.slices}
        distribution: tuple[float, ...] | None = None
        raters = None
        if columns.ratings is not None:
            votes = _votes(row.values[columns.ratings], data.ratings.vote, labels)
            if isinstance(votes, str):
                return Drop(votes, text, row.provenance)
            unknown = min(votes.keys() - set(labels), default=None)
            if unknown is not None:
                reason = f"rating {unknown!r} is not a declared label"
                return Drop(reason, text, row.provenance, undeclared=unknown)
            counts = [votes[label] for label in labels]
            raters = sum(counts)
            distribution = tuple(count / raters for count in counts)
            label = labels[counts.index(max(counts))]  # ties go to the label listed first
            slices["agreed"] = "yes" if max(distribution) >= data.ratings.agreed else "no"
        else:
            assert columns.label is not None
            value = row.values[columns.label]
            missing = value is None or (isinstance(value, float) and math.isnan(value))
            label = "" if missing else str(value).strip()
            if not label:
                return Drop("label is missing", text, row.provenance)
            if labels and label not in labels:
                return Drop(f"label {label!r} is not declared", text, row.provenance, undeclared=label)
        key = row.values[columns.id] if columns.id else row.provenance.row
        digest = hashlib.sha256(f"{row.provenance.source}\0{key}".encode()).hexdigest()[:16]
        return Example(digest, {"text": text}, label, row.provenance, distribution, raters, slices)

    def text(self, example: Example) -> str:
        return example.inputs["text"]

    def with_text(self, example: Example, text: str) -> Example:
        return replace(example, inputs={"text": text})

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        if len(labels) < 2:
            raise DataError(
                f"the data has {'only the label ' + repr(labels[0]) if labels else 'no label'}",
                where="data.columns.label",
                expected="at least two labels",
                hint="check that the label column is the right one",
            )
        for split, examples in splits.items():
            counts = Counter(example.label for example in examples)
            need = 1 if split == "validation" else MIN_EXAMPLES_PER_LABEL
            for label in labels:
                if counts[label] < need:
                    raise DataError(
                        f"the {split} split has {counts[label]} example(s) of label {label!r}",
                        where="data",
                        expected=f"at least {need}",
                        hint="add examples of that label, merge it with another, or change data.split",
                    )

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        from transformers import AutoModelForSequenceClassification

        extra = {} if dropout is None else {"classifier_dropout": dropout}
        with quiet_transformers():  # it reports the new head as if that were a fault
            model: torch.nn.Module = AutoModelForSequenceClassification.from_pretrained(
                folder,
                num_labels=len(labels),
                id2label=dict(enumerate(labels)),
                label2id={label: index for index, label in enumerate(labels)},
                ignore_mismatched_sizes=True,
                dtype="float32",
                **extra,
            )
        return model

    def load_trained(self, folder: Path) -> torch.nn.Module:
        from transformers import AutoModelForSequenceClassification

        with quiet_transformers():
            model: torch.nn.Module = AutoModelForSequenceClassification.from_pretrained(folder, dtype="float32")
        return model.eval()

    def targets(self, examples: Sequence[Example], labels: Sequence[str], soft: bool) -> NDArray[np.float32]:
        targets = np.zeros((len(examples), len(labels)), dtype=np.float32)
        index = {label: i for i, label in enumerate(labels)}
        for row, example in zip(targets, examples, strict=True):
            if soft and example.distribution is not None:
                row[:] = example.distribution
            else:
                row[index[example.label]] = 1.0
        return targets

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, label_weights: torch.Tensor | None) -> torch.Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(logits.float(), targets, weight=label_weights)

    def probabilities(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        scaled = logits.astype(np.float32) / np.float32(temperature)
        scaled -= scaled.max(axis=-1, keepdims=True)  # exp of large logits would overflow
        exp = np.exp(scaled)
        result: NDArray[np.float32] = exp / exp.sum(axis=-1, keepdims=True)
        return result

    def answer(self, probabilities: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
        best = int(probabilities.argmax())
        return {
            "label": labels[best],
            "score": round(float(probabilities[best]), 6),
            "scores": {label: round(float(p), 6) for label, p in zip(labels, probabilities, strict=True)},
        }


def _votes(value: Any, vote: str, labels: Sequence[str]) -> Counter[str] | str:
    """Votes per label from a cell of ratings, or the reason why it gives none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "ratings are not a JSON list"
    if not isinstance(value, (list, tuple)) or not value:
        return "ratings are missing"
    if vote == "label":
        return Counter(map(str, value))
    if len(labels) != 3:
        raise SpecError(
            f"the sign of a rating gives three labels, the project declares {len(labels)}",
            where="labels",
            expected="the names for below zero, zero and above zero, in this order",
        )
    if not all(isinstance(rating, (int, float)) and not math.isnan(rating) for rating in value):
        return "a rating is not a number"
    return Counter(labels[1 + (rating > 0) - (rating < 0)] for rating in value)
