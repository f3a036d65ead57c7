"""Text embedding: one text, one unit vector, near those of texts that mean the like.

The base model is taken as it is: there is no objective here yet, so `train` only copies it into the release's layout.
Labels, where the data have some, are not learned; they tell whether the nearest training examples are of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import DataError
from seatrial.models.quiet import quiet_transformers
from seatrial.records import Example
from seatrial.tasks.base import Known, Task
from seatrial.tasks.labelled_text import LabelledText
from seatrial.tasks.network_answers import NetworkAnswers
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.whole_text import WholeText

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["Embedding"]

NEIGHBOURS = 10
MOST_KNOWN = 5000
"""Training examples that neighbours are looked for among; more would cost minutes per candidate and say the same."""
ROWS_AT_ONCE = 512
SIMILARITY_WEIGHT = 1e-3
"""Of a neighbour's similarity beside its vote: it breaks ties, and ten of them never outweigh one vote."""
POOLING = "1_Pooling"


class Embedding(WholeText, LabelledText, NetworkAnswers):
    """The task `embedding`; see `seatrial.tasks.base.Task` for what each method promises."""

    name = "embedding"
    metrics: tuple[str, ...] = ("neighbour_accuracy",)
    primary_metric = "neighbour_accuracy"
    watched_metrics: tuple[str, ...] = ("neighbour_accuracy",)
    judged_on = "neighbours"
    likeness = "cosine_to_source"
    same_from = 0.99
    output_name = "embedding"
    graph_output = "sentence_embedding"
    per_label = False
    needs_labels = False
    trainable = False
    hub_tag = "sentence-similarity"
    hub_library = "sentence-transformers"

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        for split, examples in splits.items():
            if not examples:
                raise DataError(f"the {split} split is empty", where="data", hint="add examples, or change data.split")
        learned_from = {example.label for example in splits["train"] if example.label}
        if labels and len(learned_from) < 2:
            raise DataError(
                f"the train split has only the label {min(learned_from, default='')!r}",
                where="data.columns.label",
                expected="at least two labels, or no label column",
                hint="check that the label column is the right one, or leave it out",
            )

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return self.load_trained(folder)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        from transformers import AutoModel

        from seatrial.models.mean_pooled import MeanPooled

        with quiet_transformers():
            encoder = AutoModel.from_pretrained(folder, dtype="float32", local_files_only=True)
        return MeanPooled(encoder).eval()

    def objective(self, lesson: Lesson) -> Objective:
        raise NotImplementedError("not trainable")

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        return logits  # pooling and length 1 are part of the network

    def output_labels(self, labels: Sequence[str]) -> tuple[str, ...]:
        return ()

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        labelled = [example for example in train if example.label]
        if len(labelled) <= MOST_KNOWN:
            return labelled
        return [labelled[i] for i in np.linspace(0, len(labelled) - 1, MOST_KNOWN).round().astype(int)]

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        """The share of each label among the nearest `NEIGHBOURS` known examples by cosine; of labels with equal votes
        the one that is more similar in sum comes first. NaN for a vector that is not finite."""
        index = {label: i for i, label in enumerate(labels)}
        theirs = np.array([index[example.label] for example in known.examples], dtype=np.intp)
        scores = np.zeros((len(outputs), len(labels)), dtype=np.float32)
        if not len(theirs) or not len(outputs):
            return scores
        k = min(NEIGHBOURS, len(theirs))
        vectors = np.asarray(outputs)
        for start in range(0, len(vectors), ROWS_AT_ONCE):
            similarity = vectors[start : start + ROWS_AT_ONCE] @ known.outputs.T
            nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
            rows = np.arange(len(similarity))[:, None]
            votes = 1 + SIMILARITY_WEIGHT * similarity[rows, nearest]
            np.add.at(scores, (start + rows, theirs[nearest]), votes)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """The cosine of both unit vectors; NaN where either is not finite."""
        ours, theirs = np.asarray(outputs, dtype=np.float64), np.asarray(source, dtype=np.float64)
        cosines: NDArray[np.float64] = np.einsum("ij,ij->i", ours, theirs)
        return cosines.clip(-1.0, 1.0)

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        return {"embedding": output.tolist()}

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        """What sentence-transformers reads to build the same function: encoder, mean pooling, normalisation."""
        module = "sentence_transformers.models."
        parts = [("", "Transformer"), (POOLING, "Pooling"), ("2_Normalize", "Normalize")]
        return {
            "modules.json": [
                {"idx": place, "name": str(place), "path": path, "type": module + kind}
                for place, (path, kind) in enumerate(parts)
            ],
            f"{POOLING}/config.json": {
                "word_embedding_dimension": dimensions,
                "pooling_mode_cls_token": False,
                "pooling_mode_mean_tokens": True,
                "pooling_mode_max_tokens": False,
                "pooling_mode_mean_sqrt_len_tokens": False,
            },
            "sentence_bert_config.json": {"max_seq_length": max_length, "do_lower_case": False},
            "config_sentence_transformers.json": {"similarity_fn_name": "cosine", "prompts": {}},
        }


_: type[Task] = Embedding  # the type checker holds it to the protocol
