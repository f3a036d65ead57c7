"""How well a language model foresees texts: perplexity, bits per byte, and the share of tokens it guesses.

The label scores are counts per document, [n, 4]: the surprise of its tokens in nats, how many tokens there are, the
bytes of its text, and the tokens that were the most probable ones. A figure is a quotient of two of these, summed over
documents: long ones count for more, as in one long text. Documents are what is resampled, for tokens of a text are
alike. Where nothing stands below the line, a figure is not defined: bytes of hidden tokens, tokens of an opponent that
has none.

Bits per byte does not depend on how a tokenizer cuts the text, perplexity does.

Source: Jelinek et al. 1977, "Perplexity, a measure of the difficulty of speech recognition tasks".
"""

from __future__ import annotations

import math

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric

__all__ = ["BITS_PER_BYTE", "PERPLEXITY", "TOKEN_ACCURACY", "TokenMetric"]

NATS, TOKENS, BYTES, RIGHT = range(4)
"""The columns."""


class TokenMetric(WeightedMetric):
    """One quotient of the counts.

    Args:
        name: registered name.
        above: column above the line.
        below: column below it.
        scale: the quotient is multiplied by this.
        exponential: whether the figure is e to the power of the quotient.
        higher_is_better: whether a larger value is a better one.
        bounds: the least and the greatest value.
    """

    reads = "tokens"
    decisions_only = True  # an opponent without probabilities has no tokens, and so no figure

    def __init__(
        self,
        name: str,
        above: int,
        below: int,
        *,
        scale: float = 1.0,
        exponential: bool = False,
        higher_is_better: bool = False,
        bounds: tuple[float, float] = (0.0, math.inf),
    ) -> None:
        self.name, self.higher_is_better, self.bounds = name, higher_is_better, bounds
        self._columns, self._scale, self._exponential = (above, below), scale, exponential

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        del labels  # the text itself is the truth, and the counts know it
        above, below = (probabilities[:, column].astype(np.float64) for column in self._columns)

        def figure(weights: Floats) -> Floats:
            total = below @ weights
            found = np.full(total.shape, np.nan)
            np.divide(above @ weights, total, out=found, where=total > 0)
            found *= self._scale
            return np.exp(found) if self._exponential else found

        return figure


PERPLEXITY = TokenMetric("perplexity", NATS, TOKENS, exponential=True, bounds=(1.0, math.inf))
BITS_PER_BYTE = TokenMetric("bits_per_byte", NATS, BYTES, scale=1 / math.log(2))
TOKEN_ACCURACY = TokenMetric("token_accuracy", RIGHT, TOKENS, higher_is_better=True, bounds=(0.0, 1.0))
