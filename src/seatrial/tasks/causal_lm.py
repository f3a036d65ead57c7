"""Causal language modelling: a text, foreseen token by token from what stands before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.data.packing import Document, pack_cut, pack_whole
from seatrial.models.language import load_causal
from seatrial.models.language_logits import causal_logits, vocabulary_size
from seatrial.models.reading import Places, Reading
from seatrial.models.surprise import NOTHING, surprises
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.base import Prompt, Task
from seatrial.tasks.conversations import Conversation, asked_messages, conversation_tokens, is_conversation
from seatrial.tasks.documents import Documents
from seatrial.tasks.fill_in_middle import pieces_with_gaps
from seatrial.tasks.foresight import Foresight, counted_places, with_bytes
from seatrial.tasks.language_start import require_named_model
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tasks.next_token import NextToken, Validated
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.windows import window_starts
from seatrial.tasks.written_answers import WrittenAnswers

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["CausalLm"]


class CausalLm(Documents, Foresight, WrittenAnswers):
    """The task `causal-lm`; see `seatrial.tasks.base.Task` for what each method promises."""

    name = "causal-lm"
    metrics: tuple[str, ...] = ("bits_per_byte", "perplexity", "token_accuracy")
    primary_metric = "bits_per_byte"
    lower_is_better = True
    watched_metrics: tuple[str, ...] = ("bits_per_byte", "perplexity", "token_accuracy")
    opponents: tuple[str, ...] = ("ngram",)
    takes_messages = True
    hub_tag = "text-generation"
    network_kind: NetworkKind | None = "decoder"
    body_kind: NetworkKind = "decoder"

    def check_model(self, model: ModelSpec) -> None:
        require_named_model(model, self.name)

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return load_causal(folder)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        return load_causal(folder).eval()

    def objective(self, lesson: Lesson) -> Objective:
        tokenizer: LanguageTokenizer = lesson.tokenizer
        where: dict[str, Any] = {"pad_id": tokenizer.pad_id, "seed": lesson.seed}
        if is_conversation(lesson.train[0]):
            said = conversation_tokens(tokenizer, lesson.train)
            packed = pack_whole([one.document for one in said], tokenizer.max_length, **where)
        elif lesson.training.fill_in_middle:
            texts, share = [self.text(example) for example in lesson.train], lesson.training.fill_in_middle
            pieces = pieces_with_gaps(tokenizer, texts, share, seed=lesson.seed)
            packed = pack_whole(pieces, tokenizer.max_length, **where)
        else:
            documents = tokenizer.documents([self.text(example) for example in lesson.train])
            packed = pack_cut([Document(ids) for ids in documents], tokenizer.max_length, **where)
        validation = Validated(self, tokenizer, lesson.validation, self.reading(tokenizer, lesson.validation))
        return NextToken(
            packed, validation, metric=self.primary_metric, lower_is_better=self.lower_is_better, seed=lesson.seed
        )

    def reading(self, tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> Reading:
        if examples and is_conversation(examples[0]):
            return _answers(conversation_tokens(tokenizer, examples))
        windows: list[Sequence[int]] = []
        spans: list[tuple[int, int]] = []
        places: list[Places] = []
        room = tokenizer.max_length
        for ids in tokenizer.documents([self.text(example) for example in examples]):
            firsts = window_starts(len(ids), room)
            its = [ids[first : first + room] for first in firsts]
            counted = counted_places([len(window) for window in its], firsts)
            spans.append((len(windows), len(windows) + len(its)))
            windows += its
            places.append(Places(counted, np.zeros(len(counted), dtype=np.bool_)))
        return Reading(windows, spans, places)

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: LanguageTokenizer,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        rows = surprises(
            lambda input_ids, *_: causal_logits(model, input_ids),  # padding is on the right, where nothing sees it
            reading.windows,
            [[*window[1:], NOTHING] for window in reading.windows],
            vocabulary=vocabulary_size(model),
            pad_id=tokenizer.pad_id,
            device=next(model.parameters()).device,
            progress=progress,
        )
        if examples and is_conversation(examples[0]):
            texts = ["".join(one.answers) for one in conversation_tokens(tokenizer, examples)]
        else:
            texts = [self.text(example) for example in examples]
        return with_bytes(rows, reading, texts, tokenizer.unknown_characters(texts))

    def asked(self, example: Example) -> Prompt:
        return asked_messages(example) if is_conversation(example) else self.text(example)


def _answers(said: Sequence[Conversation]) -> Reading:
    """Conversations as one window each, of which the places before the tokens of answers count."""
    places = []
    for one in said:
        assert one.document.learned is not None
        counted = np.flatnonzero(one.document.learned[1:]).astype(np.intp)
        places.append(Places(counted, np.zeros(len(counted), dtype=np.bool_)))
    return Reading([one.document.ids for one in said], [(n, n + 1) for n in range(len(said))], places)


_: type[Task] = CausalLm  # the type checker holds it to the protocol
