"""One human: how often a person drawn from the raters says what the majority of them says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import SpecError
from seatrial.evaluate.opponents.base import Opponent, decisions
from seatrial.records import Example

__all__ = ["HumanRater"]


class HumanRater(Opponent):
    """See `Opponent`; for each example one of its raters is drawn (seeded), and their vote is the answer.

    The vote is held against the majority label like any other answer. The drawn rater helped to make that majority,
    which favours the human: on rated tweets by one point in a hundred against a majority of the others, and not at all
    where raters agree. So the bar for the model is rather too high than too low. This is the only opponent that looks
    at the examples' own ratings.
    """

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del train  # people come trained
        self._k = len(labels)
        self._seed = seed

    @staticmethod
    def check(labels: Sequence[str], *, rated: bool) -> None:
        """See `Opponent.check`."""
        del labels
        if not rated:
            raise SpecError(
                "there is no human rater to compare with: the data gives one label per example, or weighs its raters",
                where="evaluation.opponents",
                expected="ratings of several people, mapped by data.columns.ratings, with the majority as consensus",
                hint="remove human-rater from evaluation.opponents and from `over` in the requirements",
            )

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """See `Opponent.probabilities`; one-hot, NaN for an example that nobody rated.

        Raises:
            SpecError: no example has raters.
        """
        if examples:
            self.check((), rated=any(example.distribution is not None for example in examples))
        draws = np.random.default_rng(self._seed).random(len(examples))
        answers = np.full((len(examples), self._k), np.nan)
        for i, example in enumerate(examples):
            if example.distribution is not None:
                below = np.cumsum(example.distribution)
                vote = int(below.searchsorted(draws[i] * below[-1], side="right"))
                answers[i] = decisions([min(vote, self._k - 1)], self._k)
        return answers
