"""How often and how clearly a model prefers the answers that people preferred.

The label scores are numbers per pair, [n, 6]: log-probability in nats, tokens, and log-probability by the base, of the
chosen answer and then of the rejected one. The implicit reward of an answer is beta times what its log-probability has
gained over the base's; its sign does not depend on beta, and the margin is given without it, in nats, so that models
trained with different betas can be compared. A tie counts as half: the base itself prefers nothing, and has 0.5.

`likelihood_accuracy` asks no base: how often the chosen answer is the more probable one. Short answers gain by it.

Source: Rafailov et al. 2023, "Direct Preference Optimization", §4; Lambert et al. 2024, "RewardBench", §4.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["LIKELIHOOD_ACCURACY", "PREFERENCE_ACCURACY", "REWARD_MARGIN_NATS", "PreferenceMetric", "gains"]

CHOSEN, CHOSEN_TOKENS, CHOSEN_BASE, REJECTED, REJECTED_TOKENS, REJECTED_BASE = range(6)
"""The columns."""


def gains(scores: Floats) -> tuple[Floats, Floats]:
    """What the log-probabilities of the chosen and of the rejected answers have gained over the base's, [n] each."""
    its = scores.astype(np.float64)
    return its[:, CHOSEN] - its[:, CHOSEN_BASE], its[:, REJECTED] - its[:, REJECTED_BASE]


class PreferenceMetric(WeightedMetric):
    """The mean of one number per pair.

    Args:
        name: registered name.
        values: scores [n, 6] → [n].
        bounds: the least and the greatest value.
    """

    reads = "preferences"
    decisions_only = True

    def __init__(self, name: str, values: Callable[[Floats], Floats], bounds: tuple[float, float]) -> None:
        self.name, self.bounds = name, bounds
        self._values = values

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        del labels  # which answer was chosen is in the order of the columns
        values = self._values(probabilities)

        def mean(weights: Floats) -> Floats:
            found: Floats = values @ weights / weights.sum(axis=0)
            return found

        return mean


def _margin(scores: Floats) -> Floats:
    chosen, rejected = gains(scores)
    found: Floats = chosen - rejected
    return found


def _first(margins: Floats) -> Floats:
    """1 where the margin is above 0, one half where there is none."""
    found: Floats = (np.sign(margins) + 1) / 2
    return found


PREFERENCE_ACCURACY = PreferenceMetric("preference_accuracy", lambda scores: _first(_margin(scores)), (0.0, 1.0))
REWARD_MARGIN_NATS = PreferenceMetric("reward_margin_nats", _margin, (-math.inf, math.inf))
LIKELIHOOD_ACCURACY = PreferenceMetric(
    "likelihood_accuracy", lambda scores: _first(scores[:, CHOSEN] - scores[:, REJECTED]), (0.0, 1.0)
)
