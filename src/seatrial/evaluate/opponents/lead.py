"""The opponent that gives the first sentence of what it reads: what a summary has to beat.

Source: the baseline of the Document Understanding Conferences; Nenkova 2005, "Automatic Text Summarization of Newswire:
Lessons Learned from the Document Understanding Conference".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.opponents.base import Opponent
from seatrial.records import Example
from seatrial.tasks.overlap import overlap

__all__ = ["Lead", "first_sentence"]

END = re.compile("(?<=[.!?])\\s|(?<=[\u3002\uff01\uff1f])|\n")
"""Behind a sentence: a stop and white space, a stop of Chinese, the end of a line."""


class Lead(Opponent):
    """See `Opponent`; learns nothing."""

    answers: tuple[str, ...] = ("written",)

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del train, labels, seed

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Statistics of first sentences beside the targets, [n, 32]; see `Opponent.probabilities`."""
        firsts = [first_sentence(example.inputs["source"]) for example in examples]
        return overlap(firsts, [example.inputs["target"] for example in examples]).astype(np.float64)


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence or line, or all of it."""
    stripped = text.strip()
    return END.split(stripped, maxsplit=1)[0].rstrip()
