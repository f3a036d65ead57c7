"""The VADER lexicon, the usual rule-based sentiment scorer for English social media.

Source: Hutto and Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text";
thresholds as its authors publish them: positive from a compound score of 0.05 up, negative from -0.05 down.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import MissingExtraError, SpecError
from seatrial.evaluate.opponents.base import Opponent, decisions, text_of
from seatrial.records import Example

__all__ = ["Vader"]

THRESHOLD = 0.05
NAMES = ("negative", "neutral", "positive")


class Vader(Opponent):
    """See `Opponent`; learns nothing, decides between negative, neutral and positive (in any order and case)."""

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del train, seed  # a lexicon neither learns nor draws
        self.check(labels, rated=False)
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ModuleNotFoundError as error:
            raise MissingExtraError("the opponent vader", "train") from error
        names = [label.lower() for label in labels]
        self._positions = {name: names.index(name) for name in NAMES}
        self._analyzer = SentimentIntensityAnalyzer()

    @staticmethod
    def check(labels: Sequence[str], *, rated: bool) -> None:
        """See `Opponent.check`."""
        del rated
        if sorted(label.lower() for label in labels) != sorted(NAMES):
            raise SpecError(
                f"the VADER lexicon cannot answer with the labels {', '.join(labels)}",
                where="evaluation.opponents",
                expected="the labels negative, neutral and positive",
                hint="remove vader from evaluation.opponents and from `over` in the requirements",
            )

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """See `Opponent.probabilities`; rows are one-hot."""
        return decisions([self._positions[self._decide(text_of(example))] for example in examples], len(NAMES))

    def _decide(self, text: str) -> str:
        compound = self._analyzer.polarity_scores(text)["compound"]
        if compound >= THRESHOLD:
            return "positive"
        return "negative" if compound <= -THRESHOLD else "neutral"
