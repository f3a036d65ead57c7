"""Texts that are answered as a whole: one window each, cut at the longest input, and one row of numbers.

Refuses to know: what the numbers mean, beyond that label scores are one number per label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seatrial.models.reading import Reading, whole_texts
from seatrial.records import Example
from seatrial.spec.cleaning import CleaningStep
from seatrial.tasks.base import Said
from seatrial.tokenize.load import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["WholeText"]


class WholeText:
    """The methods of a task whose label scores are [n, n_labels]; see `seatrial.tasks.base.Task`."""

    opponents: tuple[str, ...] = ("majority", "tfidf-logreg")

    def labels_in(self, example: Example) -> Sequence[str]:
        return (example.label,) if example.label else ()

    def served_cleaning(self, steps: Sequence[CleaningStep]) -> Sequence[CleaningStep]:
        return steps

    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
        return whole_texts(encode(tokenizer, texts))

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        return parts

    def truth(self, examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.intp]:
        """The position of each example's hard label, [n]."""
        index = {label: i for i, label in enumerate(labels)}
        return np.array([index[example.label] for example in examples], dtype=np.intp)

    def said(
        self,
        outputs: Sequence[NDArray[np.float32]],
        scores: NDArray[np.float32],
        examples: Sequence[Example],
        labels: Sequence[str],
    ) -> list[Said]:
        best = scores.argmax(axis=1)
        return [
            Said(example.label, labels[found], float(row[found]), labels[found] == example.label)
            for example, row, found in zip(examples, scores, best, strict=True)
        ]
