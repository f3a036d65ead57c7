"""Text classification: one text, one of several labels, hard or as a distribution over raters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import DataError
from seatrial.models.quiet import quiet_transformers
from seatrial.models.reading import Reading
from seatrial.records import Example
from seatrial.spec.language import NetworkKind
from seatrial.tasks.base import Known, Task
from seatrial.tasks.label_objective import LabelObjective
from seatrial.tasks.labelled_text import LabelledText
from seatrial.tasks.network_answers import NetworkAnswers
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.own_head import drop_foreign_head
from seatrial.tasks.probabilities import softmax
from seatrial.tasks.whole_text import WholeText

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["TextClassification"]

MIN_EXAMPLES_PER_LABEL = 2


class TextClassification(WholeText, LabelledText, NetworkAnswers):
    """The task `text-classification`; see `seatrial.tasks.base.Task` for what each method promises."""

    name = "text-classification"
    metrics: tuple[str, ...] = (
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
    mean_by_label_weights = False
    watched_metrics: tuple[str, ...] = ("accuracy", "f1_macro", "log_loss")
    judged_on = "probabilities"
    likeness = "agreement"
    same_from = 1.0
    output_name = "scores"
    graph_output = "logits"
    body_kind: NetworkKind = "encoder"
    per_label = True
    needs_labels = True
    trainable = True
    hub_tag = "text-classification"
    hub_library = "transformers"

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
        drop_foreign_head(model, folder, self.name, labels)
        return model

    def load_beside(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return self.load_model(folder, labels, dropout)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        from transformers import AutoModelForSequenceClassification

        with quiet_transformers():
            model: torch.nn.Module = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype="float32", local_files_only=True
            )
        return model.eval()

    def objective(self, lesson: Lesson) -> Objective:
        return LabelObjective(self, lesson)

    def targets(
        self, examples: Sequence[Example], reading: Reading, labels: Sequence[str], soft: bool
    ) -> NDArray[np.float32]:
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

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        return softmax(logits, temperature)

    def output_labels(self, labels: Sequence[str]) -> tuple[str, ...]:
        return tuple(labels)

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        return ()  # the probabilities say it all

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        return np.asarray(outputs)

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """1 where both say the same label, 0 where not or where either is not finite."""
        ours, theirs = np.asarray(outputs), np.asarray(source)
        found: NDArray[np.float64] = (ours.argmax(axis=1) == theirs.argmax(axis=1)).astype(np.float64)
        found[~(np.isfinite(ours).all(axis=1) & np.isfinite(theirs).all(axis=1))] = 0.0
        return found

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        best = int(output.argmax())
        return {
            "label": labels[best],
            "score": round(float(output[best]), 6),
            "scores": {label: round(float(p), 6) for label, p in zip(labels, output, strict=True)},
        }

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        return {}  # config.json says it all


_: type[Task] = TextClassification  # the type checker holds it to the protocol
