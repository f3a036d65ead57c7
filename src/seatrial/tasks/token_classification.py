"""Token classification: one text, labelled parts of it: names of people and places, parts of speech.

A network gives each token the tags ``O``, ``B-…`` and ``I-…`` of the labels; the first token of a piece of the text (a
word, a Han character, a sign) carries the piece's tag, and tags become entities by conlleval's rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import DataError
from seatrial.models.quiet import quiet_transformers
from seatrial.models.reading import Reading
from seatrial.records import Example, Span
from seatrial.spec.language import NetworkKind
from seatrial.tasks.annotated_text import AnnotatedText
from seatrial.tasks.base import Known, Said, Task
from seatrial.tasks.label_objective import LabelObjective
from seatrial.tasks.network_answers import NetworkAnswers
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.own_head import drop_foreign_head
from seatrial.tasks.pieces import pieces
from seatrial.tasks.probabilities import softmax
from seatrial.tasks.tags import chunks, labels_of, tag_names
from seatrial.tasks.windows import read_windows

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["TokenClassification"]

MIN_SPANS_PER_LABEL = 2


class TokenClassification(AnnotatedText, NetworkAnswers):
    """The task `token-classification`; see `seatrial.tasks.base.Task` for what each method promises."""

    name = "token-classification"
    metrics: tuple[str, ...] = ("entity_f1", "entity_precision", "entity_recall", "entity_f1_macro")
    primary_metric = "entity_f1"
    mean_by_label_weights = True
    watched_metrics: tuple[str, ...] = ("entity_f1", "entity_precision", "entity_recall")
    opponents: tuple[str, ...] = ("gazetteer",)
    judged_on = "spans"
    likeness = "agreement"
    same_from = 1.0
    output_name = "entities"
    graph_output = "logits"
    body_kind: NetworkKind = "encoder"
    per_label = True
    trainable = True
    hub_tag = "token-classification"
    hub_library = "transformers"

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        if not labels:
            raise DataError(
                "nothing in the data is labelled",
                where="data.tags",
                expected="at least one label",
                hint="check data.columns, and the tags that data.tags.labels names",
            )
        for split, examples in splits.items():
            counts = Counter(span.label for example in examples for span in example.spans)
            need = 1 if split == "validation" else MIN_SPANS_PER_LABEL
            for label in labels:
                if counts[label] < need:
                    raise DataError(
                        f"the {split} split has {counts[label]} place(s) with the label {label!r}",
                        where="data",
                        expected=f"at least {need}",
                        hint="add examples with that label, merge it with another, or change data.split",
                    )

    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
        return read_windows(tokenizer, texts)

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """One row per piece. A piece that the tokenizer leaves out is in no entity; of pieces that share a token, only
        the first can begin one."""
        joined: list[NDArray[np.float32]] = []
        for (first, stop), places in zip(reading.spans, reading.places, strict=True):
            rows = parts[first] if stop - first == 1 else np.concatenate(parts[first:stop])
            found = np.atleast_2d(rows)[places.tokens]
            if (places.tokens < 0).any():
                found[places.tokens < 0] = np.eye(1, found.shape[1], dtype=np.float32)
            if places.joined.any():
                begin, inside = found[places.joined, 1::2], found[places.joined, 2::2]
                found[places.joined, 1::2], found[places.joined, 2::2] = (
                    np.minimum(begin, inside),
                    np.maximum(begin, inside),
                )
            joined.append(found)
        return joined

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        from transformers import AutoModelForTokenClassification

        tags = tag_names(labels)
        extra = {} if dropout is None else {"classifier_dropout": dropout}
        with quiet_transformers():  # it reports the new head as if that were a fault
            model: torch.nn.Module = AutoModelForTokenClassification.from_pretrained(
                folder,
                num_labels=len(tags),
                id2label=dict(enumerate(tags)),
                label2id={tag: index for index, tag in enumerate(tags)},
                ignore_mismatched_sizes=True,
                dtype="float32",
                **extra,
            )
        drop_foreign_head(model, folder, self.name, tags)
        return model

    def load_beside(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return self.load_model(folder, labels, dropout)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        from transformers import AutoModelForTokenClassification

        with quiet_transformers():
            model: torch.nn.Module = AutoModelForTokenClassification.from_pretrained(
                folder, dtype="float32", local_files_only=True
            )
        return model.eval()

    def objective(self, lesson: Lesson) -> Objective:
        return LabelObjective(self, lesson)

    def targets(
        self, examples: Sequence[Example], reading: Reading, labels: Sequence[str], soft: bool
    ) -> NDArray[np.float32]:
        """A row per token; zeros for tokens that begin no piece."""
        tags = {tag: index for index, tag in enumerate(tag_names(labels))}
        starts = np.cumsum([0, *reading.lengths])
        targets = np.zeros((int(starts[-1]), len(tags)), dtype=np.float32)
        for example, places, start in zip(examples, reading.places, starts[:-1], strict=True):
            wanted = np.array([tags[tag] for tag in _true_tags(example)], dtype=np.intp)
            learnt = (places.tokens >= 0) & ~places.joined
            targets[start + places.tokens[learnt], wanted[learnt]] = 1.0
        return targets

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, label_weights: torch.Tensor | None) -> torch.Tensor:
        """The mean over the tokens that carry a piece."""
        import torch

        surprise = -torch.log_softmax(logits.float(), dim=-1) * targets
        if label_weights is None:
            return surprise.sum() / targets.sum().clamp(min=1.0)
        return (surprise * label_weights).sum() / (targets * label_weights).sum().clamp(min=1e-6)

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        return softmax(logits, temperature)

    def output_labels(self, labels: Sequence[str]) -> tuple[str, ...]:
        return tag_names(labels)

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        return ()

    def truth(self, examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.intp]:
        """Entities of each label in each text, [n, labels]."""
        return np.array([_count(example.spans, labels) for example in examples], dtype=np.intp).reshape(-1, len(labels))

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        """Entities that were found, and those of them that are right in label and both ends: [n, labels, 2]. NaN for a
        text with an output that is not finite."""
        scores = np.zeros((len(examples), len(labels), 2), dtype=np.float32)
        for row, output, example in zip(scores, outputs, examples, strict=True):
            found = [entity for entity, _ in _entities(output, labels, self.text(example))]
            row[:, 0] = _count(found, labels)
            row[:, 1] = _count(sorted(set(found) & set(example.spans), key=lambda span: span.start), labels)
            if not np.isfinite(output).all():
                row[:] = np.nan
        return scores

    def said(
        self,
        outputs: Sequence[NDArray[np.float32]],
        scores: NDArray[np.float32],
        examples: Sequence[Example],
        labels: Sequence[str],
    ) -> list[Said]:
        """An answer is as sure as its least sure piece."""
        answers = []
        for output, example in zip(outputs, examples, strict=True):
            text = self.text(example)
            found = tuple(entity for entity, _ in _entities(output, labels, text))
            sure = float(output.max(axis=-1).min(initial=1.0))
            right = found == example.spans
            answers.append(Said(_listed(example.spans, text), _listed(found, text), sure, right))
        return answers

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """1 where both find the same entities, 0 where not or where either is not finite."""
        same = [
            bool(np.isfinite(ours).all() and np.isfinite(theirs).all()) and _marked(ours) == _marked(theirs)
            for ours, theirs in zip(outputs, source, strict=True)
        ]
        return np.array(same, dtype=np.float64)

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        return {
            "entities": [
                {
                    "start": entity.start,
                    "end": entity.end,
                    "label": entity.label,
                    "score": round(score, 6),
                    "text": text[entity.start : entity.end],
                }
                for entity, score in _entities(output, labels_of(labels), text)
            ]
        }

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        return {}  # config.json says it all


def _true_tags(example: Example) -> list[str]:
    """The tag of each piece of the text; a piece that is partly in a span is in it."""
    tags = []
    spans = iter(example.spans)
    span = next(spans, None)
    begun = False
    for start, end in pieces(example.inputs["text"]):
        while span is not None and span.end <= start:
            span, begun = next(spans, None), False
        if span is None or span.start >= end:
            tags.append("O")
            continue
        tags.append(f"{'I' if begun else 'B'}-{span.label}")
        begun = True
    return tags


def _marked(output: NDArray[np.float32]) -> list[tuple[int, int, str]]:
    """The stretches of pieces that are entities, with the label's number as their label."""
    best = output.argmax(axis=-1).tolist()
    if not any(best):
        return []
    return chunks(["O" if not tag else f"{'BI'[(tag - 1) % 2]}-{(tag - 1) // 2}" for tag in best])


def _entities(output: NDArray[np.float32], labels: Sequence[str], text: str) -> list[tuple[Span, float]]:
    """The entities in an output [pieces, tags], each with the mean probability of its pieces' tags."""
    found = _marked(output)
    if not found:
        return []
    bounds, best = pieces(text), output.max(axis=-1)
    return [
        (Span(bounds[first][0], bounds[stop - 1][1], labels[int(label)]), float(best[first:stop].mean()))
        for first, stop, label in found
    ]


def _count(spans: Sequence[Span], labels: Sequence[str]) -> list[int]:
    counts = Counter(span.label for span in spans)
    return [counts[label] for label in labels]


def _listed(spans: Sequence[Span], text: str) -> str:
    """Entities as a reader is shown them."""
    return "; ".join(f"{text[span.start : span.end]} ({span.label})" for span in spans) or "none"


_: type[Task] = TokenClassification  # the type checker holds it to the protocol
