"""Temperature scaling: one number that makes a classifier's confidence mean what it says.

Refuses to know: the model, the split, and how the temperature is stored.
"""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics.base import Floats

__all__ = ["HIGHEST", "LOWEST", "fit_temperature"]

LOWEST, HIGHEST = 0.05, 20.0
"""The range of temperatures. On labels that the logits separate perfectly the best one would be 0."""
HALVINGS = 60
"""Bisection steps; they narrow the range to the last bits of a double."""


def fit_temperature(logits: Floats, targets: Floats) -> float:
    """The temperature T for which softmax(logits / T) has the lowest negative log-likelihood on these items.

    The target of an item is its most probable label, even where `targets` is a distribution over raters. A model that
    learned the raters' distribution is *meant* to say 0.7 where 70 % of them agree; but a service's score is read as
    the chance that the label is right, a label is right when it is the majority's, and 70 % is a clear majority.
    Fitting to the distribution would keep the score at 0.7 where the label is nearly always right, and the calibration
    error, which is counted against the majority label, would stay.

    The loss is convex in 1/T, so its slope has one zero, and bisection finds it without a starting point or step size.

    Args:
        logits: [n, k] of the validation split; the split that is reported on would flatter the result.
        targets: [n, k], one-hot or a distribution; of equal shares the first label counts, as in the data.

    Returns:
        T between `LOWEST` and `HIGHEST`; 1.0 when no temperature is better than none, with n = 0, and when a logit is
        not finite (the metrics of such a model are NaN and stop it).

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", §4.2.
    """
    if len(logits) == 0 or not np.isfinite(logits).all():
        return 1.0
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)  # softmax is the same, and no exponential overflows
    true_scores = scores[np.arange(len(scores)), targets.argmax(axis=1)]

    def loss(inverse: float) -> float:
        return float(np.mean(np.log(np.exp(scores * inverse).sum(axis=1)) - true_scores * inverse))

    def slope(inverse: float) -> float:
        weights = np.exp(scores * inverse)
        return float(np.mean((weights * scores).sum(axis=1) / weights.sum(axis=1) - true_scores))

    low, high = 1 / HIGHEST, 1 / LOWEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    best = (low + high) / 2
    return 1 / best if loss(best) < loss(1.0) else 1.0
