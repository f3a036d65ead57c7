"""What language models are judged on: counts per document, from rows of one token each.

A row is what a network said at one place: the surprise in nats, whether the token was the most probable one, which one
was (`seatrial.models.surprise`), and the bytes that are foreseen. Refuses to know: which places those are; the task
says so in its readings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.models.reading import Reading
from seatrial.models.surprise import NATS, PREDICTED, RIGHT
from seatrial.records import Example
from seatrial.tasks.base import Known, Said
from seatrial.tasks.language_tokenizer import LanguageTokenizer, open_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["Foresight", "counted_places", "with_bytes"]

BYTES = 3
"""Column of a row beside those of `seatrial.models.surprise`: at the first place of a text the bytes of all of it."""

CHARACTER_NATS = math.log(0x110000)
"""What naming one character among all of Unicode costs."""


class Foresight:
    """Methods of a task whose label scores are counts per document, [n, 4]: nats, tokens, bytes, right tokens; see
    `seatrial.tasks.base.Task`."""

    judged_on = "tokens"
    likeness = "agreement"
    same_from = 1.0
    output_name = "surprise"
    graph_output = "logits"
    exported = False
    per_label = False
    trainable = True
    new_head = False
    hub_library = "transformers"

    def measurable(self, labels: Sequence[str]) -> bool:
        return True

    def load_tokenizer(self, folder: Path, max_length: int) -> LanguageTokenizer:
        return open_tokenizer(folder, max_length)

    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
        raise NotImplementedError("no service reads texts for a language model")

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """The rows that count, by text."""
        joined = []
        for (first, stop), places in zip(reading.spans, reading.places, strict=True):
            rows = parts[first] if stop - first == 1 else np.concatenate(parts[first:stop])
            joined.append(np.atleast_2d(rows)[places.tokens])
        return joined

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        return logits

    def output_labels(self, labels: Sequence[str]) -> tuple[str, ...]:
        return ()

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        return ()

    def truth(self, examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.intp]:
        """Nothing beside the text itself, [n]."""
        return np.zeros(len(examples), dtype=np.intp)

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        counts = np.zeros((len(outputs), 4), dtype=np.float32)
        for row, output in zip(counts, outputs, strict=True):
            size = output[:, BYTES].sum(dtype=np.float64)
            row[:] = (output[:, NATS].sum(dtype=np.float64), len(output), size, output[:, RIGHT].sum())
        return counts

    def said(
        self,
        outputs: Sequence[NDArray[np.float32]],
        scores: NDArray[np.float32],
        examples: Sequence[Example],
        labels: Sequence[str],
    ) -> list[Said]:
        return []  # there is no answer to a text that could be wrong

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """The share of places at which both think the same token the most probable."""
        found = [
            float((ours[:, PREDICTED] == theirs[:, PREDICTED]).mean()) if len(ours) else 1.0
            for ours, theirs in zip(outputs, source, strict=True)
        ]
        return np.array(found, dtype=np.float64)

    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        nats = float(output[:, NATS].sum(dtype=np.float64))
        return {"tokens": len(output), "surprise_nats": round(nats, 6)}

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        return {}


def counted_places(lengths: Sequence[int], firsts: Sequence[int]) -> NDArray[np.intp]:
    """Which rows of overlapping windows count, so that each token but the first is foreseen once, in the first window
    that holds it.

    Args:
        lengths: of each window.
        firsts: where each window begins in the document.

    Returns:
        [tokens - 1], places among the tokens of all windows; the row at a place is about the token that follows it.
    """
    starts = np.cumsum([0, *lengths])
    places: list[NDArray[np.intp]] = []
    seen = 0
    for first, length, start in zip(firsts, lengths, starts, strict=False):
        fresh = max(seen - first, 0)
        places.append(np.arange(start + fresh, start + length - 1, dtype=np.intp))
        seen = first + length - 1
    return np.concatenate(places)


def with_bytes(
    rows: NDArray[np.float32], reading: Reading, texts: Sequence[str], unknown: Sequence[int]
) -> NDArray[np.float32]:
    """The rows with the bytes of the texts, and with what unknown characters cost: without that, a tokenizer that knows
    nothing would foresee all.

    Args:
        rows: [tokens, 3] for `reading`.
        reading: of n texts.
        texts: [n], what is foreseen of each.
        unknown: [n], characters in it that have no token.

    Returns:
        [tokens, 4].
    """
    wider = np.concatenate([rows, np.zeros((len(rows), 1), dtype=np.float32)], axis=1)
    starts = np.cumsum([0, *map(len, reading.windows)])
    for (first, _), places, text, count in zip(reading.spans, reading.places, texts, unknown, strict=True):
        if len(places.tokens):
            row = starts[first] + places.tokens[0]
            wider[row, BYTES] = len(text.encode())
            wider[row, NATS] += count * CHARACTER_NATS
    return wider
