"""Evidence for preferences: what became of either answer, for a margin may grow while both become less probable."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.evaluate.evidence.base import Predictions, Settings, Shown
from seatrial.evaluate.metrics.preference import CHOSEN_TOKENS, REJECTED_TOKENS, gains

__all__ = ["preference_evidence"]


def preference_evidence(predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
    """See `Evidence`; only facts: the mean gain of either answer over the base in nats, and its mean length."""
    del labels, settings  # there are none, and the figures have their intervals elsewhere
    scores = predictions.label_scores
    if not len(scores):
        return Shown()
    chosen, rejected = gains(scores)
    return Shown(
        facts={
            "chosen_gain_nats": round(float(chosen.mean()), 4),
            "rejected_gain_nats": round(float(rejected.mean()), 4),
            "chosen_tokens": round(float(scores[:, CHOSEN_TOKENS].mean()), 2),
            "rejected_tokens": round(float(scores[:, REJECTED_TOKENS].mean()), 2),
        }
    )
