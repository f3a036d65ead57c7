"""A fake engine that marks capital letters as people: each word of a text is a window of its own, joined likewise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.models.reading import Reading
from seatrial.serve.answering import Answering
from seatrial.tasks.token_classification import TokenClassification

from .conftest import FakeEngine

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


class EntityEngine(FakeEngine, Answering):
    """Words that begin with a capital letter are people, digits are places; each word is a window of its own."""

    output_name = "entities"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.release = replace(self.release, name="names", task="token-classification", labels=TAGS)

    def read(self, texts: Sequence[str]) -> Reading:
        windows: list[list[int]] = []
        spans = []
        for text in texts:
            words = [[3 * word.isdigit() or int(word[0].isupper())] for word in text.split()]
            spans.append((len(windows), len(windows) + len(words)))
            windows += words
        return Reading(windows, spans)

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        return np.eye(len(TAGS), dtype=np.float32)[[[ids[0]] for ids in token_ids]]

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        return [np.concatenate(parts[start:end]) for start, end in reading.spans]

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return TokenClassification().answer(output, TAGS, text)
