"""Preferences: two answers to a prompt, one of which people like better; the model learns to give such answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import SpecError
from seatrial.models.language import load_causal
from seatrial.models.reading import Reading
from seatrial.progress import Progress
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.base import Known, Prompt, Said, Task
from seatrial.tasks.conversations import is_conversation
from seatrial.tasks.documents import Documents, example_id, refuse_labels
from seatrial.tasks.foresight import Foresight
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.preference_objective import (
    LOG_PROBABILITY,
    REFERENCE,
    TOKENS,
    PreferenceObjective,
    PreferenceValidation,
    answer_rows,
)
from seatrial.tasks.preference_pairs import PROMPT, asked_of, preference_pair, preference_tokens

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["Preference"]

SHOWN_CHARS = 200
MOST_NATS = 500.0
"""More would overflow, and shows no difference."""


class Preference(Documents, Foresight):
    """The task `preference`; see `seatrial.tasks.base.Task` and `JudgedBesideBase` for what each method promises.

    The text that cleaning and duplicate search look at is the prompt: so no prompt is in two splits. Label scores are
    [n, 6]: log-probability, tokens and log-probability by the base, of the chosen answer and then of the rejected one.
    """

    name = "preference"
    metrics: tuple[str, ...] = ("preference_accuracy", "reward_margin_nats", "likelihood_accuracy")
    primary_metric = "preference_accuracy"
    lower_is_better = False
    watched_metrics: tuple[str, ...] = ("preference_accuracy", "reward_margin_nats", "likelihood_accuracy")
    opponents: tuple[str, ...] = ("base",)
    judged_on = "preferences"
    output_name = "preference"
    takes_messages = True
    hub_tag = "text-generation"
    network_kind: NetworkKind | None = None
    body_kind: NetworkKind = "decoder"
    head_task = "causal-lm"

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        refuse_labels(data)
        columns = data.columns
        if (columns.prompt is None) == (columns.messages is None):
            raise SpecError(
                "name the column that holds what is answered",
                where="data.columns",
                expected="prompt, for texts, or messages, for conversations, and not both",
            )
        if columns.chosen is None or columns.rejected is None:
            raise SpecError(
                "name the columns that hold the two answers", where="data.columns", expected="chosen and rejected"
            )
        asked = columns.prompt or columns.messages or ""
        own = (columns.id,) if columns.id else ()
        return (asked, columns.chosen, columns.rejected, *data.slices, *own, *data.split.columns)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        return preference_pair(row, data, example_id(row, data))

    def text(self, example: Example) -> str:
        return super().text(example) if is_conversation(example) else example.inputs[PROMPT]

    def texts(self, example: Example) -> Sequence[str]:
        return (self.text(example), example.inputs["chosen"], example.inputs["rejected"])

    def with_text(self, example: Example, text: str) -> Example:
        if is_conversation(example):
            return super().with_text(example, text)
        return replace(example, inputs={**example.inputs, PROMPT: text})

    def check_model(self, model: ModelSpec) -> None:
        if model.network is not None or model.base == ModelSpec().base:
            raise SpecError(
                "the task preference goes on from a language model that already answers",
                where="model.base" if model.network is None else "model.network",
                hint="name one in model.base, for example the release of a project with the task causal-lm",
            )

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return load_causal(folder)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        return load_causal(folder).eval()

    def objective(self, lesson: Lesson) -> Objective:
        tokenizer: LanguageTokenizer = lesson.tokenizer
        validation = PreferenceValidation(lesson.validation, preference_tokens(tokenizer, lesson.validation))
        return PreferenceObjective(
            preference_tokens(tokenizer, lesson.train),
            validation,
            lesson.training.preference,
            pad_id=tokenizer.pad_id,
            seed=lesson.seed,
        )

    def asked(self, example: Example) -> Prompt:
        return asked_of(example)

    def reading(self, tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> Reading:
        pairs = preference_tokens(tokenizer, examples)
        windows = [[*pair.prompt, *answer] for pair in pairs for answer in pair.answers]
        return Reading(windows, [(2 * place, 2 * place + 2) for place in range(len(pairs))])

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """Of each pair [2, k], the chosen answer and the rejected one."""
        return [np.stack(parts[first:stop]) for first, stop in reading.spans]

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: LanguageTokenizer,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """[2n, 2]; what the base says comes beside it through `beside_base`."""
        pairs = preference_tokens(tokenizer, examples)
        return answer_rows(model, pairs, pad_id=tokenizer.pad_id, progress=progress)

    def beside_base(self, rows: NDArray[np.float32], base: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([rows, base[:, LOG_PROBABILITY, None]], axis=1)

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        """[n, 6]. Where nothing of the base stands beside the answers, the base itself speaks: all margins are 0."""
        found = np.asarray(outputs, dtype=np.float32).reshape(len(outputs), 2, -1)
        if found.shape[2] <= REFERENCE:
            found = np.concatenate([found, found[:, :, LOG_PROBABILITY, None]], axis=2)
        return found.reshape(len(outputs), -1)

    def said(
        self,
        outputs: Sequence[NDArray[np.float32]],
        scores: NDArray[np.float32],
        examples: Sequence[Example],
        labels: Sequence[str],
    ) -> list[Said]:
        """The answers as labels; how sure is the probability that Bradley and Terry's model gives the margin."""
        margins = [float(np.subtract(*(side[LOG_PROBABILITY] - side[REFERENCE] for side in one))) for one in outputs]
        found = []
        for margin, example in zip(margins, examples, strict=True):
            chosen, rejected = (example.inputs[part][:SHOWN_CHARS] for part in ("chosen", "rejected"))
            sure = 1 / (1 + math.exp(-min(abs(margin), MOST_NATS)))
            found.append(Said(chosen, chosen if margin > 0 else rejected, sure, margin > 0))
        return found

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """1 where both find the same answer more probable."""
        ours, theirs = (
            np.sign([one[0, LOG_PROBABILITY] - one[1, LOG_PROBABILITY] for one in said]) for said in (outputs, source)
        )
        found: NDArray[np.float64] = (ours == theirs).astype(np.float64)
        return found

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        chosen, rejected = ({"nats": -float(side[LOG_PROBABILITY]), "tokens": int(side[TOKENS])} for side in output)
        return {"chosen": chosen, "rejected": rejected}


_: type[Task] = Preference  # the type checker holds it to the protocol
