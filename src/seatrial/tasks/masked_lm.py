"""Masked language modelling: hidden tokens of a text, foreseen from both sides. What an encoder is made from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import SpecError
from seatrial.models.language import lacks_masked_head, load_masked, load_masked_of_transformers
from seatrial.models.language_logits import masked_logits, vocabulary_size
from seatrial.models.reading import Places, Reading
from seatrial.models.surprise import NOTHING, surprises
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.base import Task
from seatrial.tasks.documents import Documents
from seatrial.tasks.foresight import Foresight
from seatrial.tasks.hidden_token import HiddenToken, Hiding, chosen_places
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tasks.next_token import Validated
from seatrial.tasks.objective import Lesson, Objective
from seatrial.tasks.windows import window_starts

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["MaskedLm"]


class MaskedLm(Documents, Foresight):
    """The task `masked-lm`; see `seatrial.tasks.base.Task` for what each method promises.

    In evaluation each chosen token becomes the mask, and which are chosen follows from the text alone: two models with
    one tokenizer are judged on the same tokens.
    """

    name = "masked-lm"
    metrics: tuple[str, ...] = ("perplexity", "token_accuracy")
    primary_metric = "perplexity"
    lower_is_better = True
    watched_metrics: tuple[str, ...] = ("perplexity", "token_accuracy")
    opponents: tuple[str, ...] = ()
    hub_tag = "fill-mask"
    network_kind: NetworkKind | None = "encoder"
    body_kind: NetworkKind = "encoder"

    def check_model(self, model: ModelSpec) -> None:
        pass  # the default model is an encoder that can go on

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return load_masked(folder)

    def load_beside(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        return load_masked_of_transformers(folder)

    def load_trained(self, folder: Path) -> torch.nn.Module:
        return load_masked(folder).eval()

    def lacks_head(self, folder: Path) -> bool:
        return lacks_masked_head(folder)

    def objective(self, lesson: Lesson) -> Objective:
        tokenizer: LanguageTokenizer = lesson.tokenizer
        return HiddenToken(
            self.reading(tokenizer, lesson.train).windows,
            Hiding(_mask_id(tokenizer), tokenizer.tokenizer.get_vocab_size(), _special(tokenizer)),
            Validated(self, tokenizer, lesson.validation, self.reading(tokenizer, lesson.validation)),
            metric=self.primary_metric,
            lower_is_better=self.lower_is_better,
            pad_id=tokenizer.pad_id,
            seed=lesson.seed,
        )

    def reading(self, tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> Reading:
        """Windows that overlap by a quarter; the places are those of the tokens that are hidden in evaluation."""
        windows: list[Sequence[int]] = []
        spans: list[tuple[int, int]] = []
        places: list[Places] = []
        room, kept = tokenizer.max_length - 2, _special(tokenizer)
        for start_ids_end in tokenizer.documents([self.text(example) for example in examples]):
            ids = start_ids_end[1:-1]
            draw = np.random.default_rng(int.from_bytes(hashlib.sha256(str(ids).encode()).digest()[:8], "big"))
            first, offset, chosen = len(windows), 0, []
            for start in window_starts(len(ids), room):
                window = [tokenizer.start_id, *ids[start : start + room], tokenizer.end_id]
                windows.append(window)
                chosen.append(offset + chosen_places(window, kept, draw))
                offset += len(window)
            spans.append((first, len(windows)))
            hidden = np.concatenate(chosen)
            places.append(Places(hidden, np.zeros(len(hidden), dtype=np.bool_)))
        return Reading(windows, spans, places)

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: LanguageTokenizer,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        starts = np.cumsum([0, *map(len, reading.windows)])
        flat = np.concatenate([np.asarray(window) for window in reading.windows])
        targets, mask = np.full(len(flat), NOTHING), _mask_id(tokenizer)
        for (first, _), places in zip(reading.spans, reading.places, strict=True):
            hidden = starts[first] + places.tokens
            targets[hidden] = flat[hidden]
        inputs = np.where(targets == NOTHING, flat, mask)
        rows = surprises(
            lambda input_ids, attention_mask, wanted: masked_logits(model, input_ids, attention_mask, wanted),
            [part.tolist() for part in np.split(inputs, starts[1:-1])],
            [part.tolist() for part in np.split(targets, starts[1:-1])],
            vocabulary=vocabulary_size(model),
            only_wanted=True,
            pad_id=tokenizer.pad_id,
            device=next(model.parameters()).device,
            progress=progress,
        )
        nothing = np.zeros((len(rows), 1), dtype=np.float32)  # hidden tokens are not the bytes of a text
        return np.concatenate([rows, nothing], axis=1)


def _mask_id(tokenizer: LanguageTokenizer) -> int:
    if tokenizer.mask_id is None:
        raise SpecError(
            "the tokenizer has no token that hides another",
            where="model.tokenizer",
            expected="a special token <mask> or [MASK]",
            hint="take method: wordpiece, or add special_tokens: ['<mask>']",
        )
    return tokenizer.mask_id


def _special(tokenizer: LanguageTokenizer) -> frozenset[int]:
    added = tokenizer.tokenizer.get_added_tokens_decoder()
    named = (tokenizer.start_id, tokenizer.end_id, tokenizer.pad_id, tokenizer.unknown_id)
    return frozenset(number for number, token in added.items() if token.special) | {n for n in named if n is not None}


_: type[Task] = MaskedLm  # the type checker holds it to the protocol
