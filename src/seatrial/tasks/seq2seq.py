"""Sequence to sequence: a text read, another written for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import SpecError
from seatrial.models.language import load_pair
from seatrial.models.reading import Reading, whole_texts
from seatrial.models.write_greedy import write_greedy
from seatrial.progress import Progress
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.base import Known, Task
from seatrial.tasks.documents import Documents, example_id, refuse_labels
from seatrial.tasks.foresight import Foresight
from seatrial.tasks.language_start import require_named_model
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tasks.objective import Lesson, Objective, Score
from seatrial.tasks.overlap import overlap
from seatrial.tasks.pairs import PairObjective, TokenPair, decoder_start

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["Seq2Seq"]


class Seq2Seq(Documents, Foresight):
    """The task `seq2seq`; see `seatrial.tasks.base.Task` for what each method promises.

    The text that cleaning and duplicate search look at is the source: so no source is in two splits.
    """

    name = "seq2seq"
    metrics: tuple[str, ...] = ("chrf", "bleu", "rouge_1", "rouge_2", "rouge_l", "exact_match")
    primary_metric = "chrf"
    lower_is_better = False
    watched_metrics: tuple[str, ...] = ("chrf", "exact_match")
    opponents: tuple[str, ...] = ("copy",)
    judged_on = "written"
    hub_tag = "text2text-generation"
    network_kind: NetworkKind | None = "encoder-decoder"
    body_kind: NetworkKind = "encoder-decoder"

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        refuse_labels(data)
        source, target = data.columns.source, data.columns.target
        if source is None or target is None:
            raise SpecError(
                "name the columns that hold what is read and what is to be written",
                where="data.columns",
                expected="source and target",
            )
        own = (data.columns.id,) if data.columns.id else ()
        return (source, target, *data.slices, *own, *data.split.columns)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        inputs = {}
        for part in ("source", "target"):
            value = row.values[getattr(data.columns, part)]
            if not isinstance(value, str) or not value.strip():
                why = "is not a string" if value is not None and not isinstance(value, str) else "is missing"
                return Drop(f"{part} {why}", repr(row.values)[:200], row.provenance)
            inputs[part] = value
        slices = {name: str(row.values[name]) for name in data.slices}
        return Example(example_id(row, data), inputs, "", row.provenance, slices=slices)

    def text(self, example: Example) -> str:
        return example.inputs["source"]

    def texts(self, example: Example) -> Sequence[str]:
        return (example.inputs["source"], example.inputs["target"])

    def with_text(self, example: Example, text: str) -> Example:
        return replace(example, inputs={**example.inputs, "source": text})

    def check_model(self, model: ModelSpec) -> None:
        require_named_model(model, self.name)

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return load_pair(folder)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        return load_pair(folder).eval()

    def objective(self, lesson: Lesson) -> Objective:
        tokenizer: LanguageTokenizer = lesson.tokenizer
        reading = self.reading(tokenizer, lesson.validation)

        def judged(model: torch.nn.Module, score: Score, progress: Progress) -> Mapping[str, float]:
            rows = self.rows(model, tokenizer, lesson.validation, reading, progress)
            return score(self.join(reading, reading.parts(rows)), lesson.validation)

        return PairObjective(
            _pairs(tokenizer, lesson.train),
            _pairs(tokenizer, lesson.validation),
            judged,
            metric=self.primary_metric,
            lower_is_better=self.lower_is_better,
            pad_id=tokenizer.pad_id,
            seed=lesson.seed,
        )

    def reading(self, tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> Reading:
        return whole_texts([pair.source for pair in _pairs(tokenizer, examples)])

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        return parts

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: LanguageTokenizer,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """Statistics of what the model writes beside the targets, [n, 32]; see `seatrial.tasks.overlap`."""
        written = write_greedy(
            model,
            reading.windows,
            start_id=decoder_start(model, tokenizer.pad_id),
            end_id=tokenizer.end_id,
            pad_id=tokenizer.pad_id,
            longest=tokenizer.max_length,
            device=next(model.parameters()).device,
            progress=progress,
        )
        return overlap([tokenizer.text(ids) for ids in written], [example.inputs["target"] for example in examples])

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        return np.asarray(outputs)

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """1 where both texts have the same in common with the target, which equal texts do."""
        same = [np.array_equal(ours, theirs) for ours, theirs in zip(outputs, source, strict=True)]
        return np.array(same, dtype=np.float64)

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        raise NotImplementedError("no service writes texts yet")


def _pairs(tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> list[TokenPair]:
    """Both sides of each example, cut at the longest input, with the token that ends a text."""
    sides = [
        [[*ids[1:-1][: tokenizer.max_length - 1], tokenizer.end_id] for ids in tokenizer.documents(texts)]
        for texts in ([example.inputs[part] for example in examples] for part in ("source", "target"))
    ]
    return [TokenPair(source, target) for source, target in zip(*sides, strict=True)]


_: type[Task] = Seq2Seq  # the type checker holds it to the protocol
