"""Agreement as it grows: figures over the answers that stand, computed anew when there are others and time for it.

Refuses to know: who asks.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from seatrial.data.annotate.standing import Standing

__all__ = ["LiveFigures", "pace"]

SHARE_OF_TIME = 0.1
"""Of the time that passes, at most this much goes into figures; with very many answers they lag behind a little."""
RECENT = 50


class LiveFigures:
    """Percent agreement and Krippendorff's alpha, and how many items people differ about.

    Args:
        labels: the possible answers.
        clock: seconds that never go back.
    """

    def __init__(self, labels: tuple[str, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._labels = labels
        self._clock = clock
        self._number = -1
        self._next_at = -math.inf
        self._found: dict[str, Any] = {}

    def of(self, standing: Standing) -> dict[str, Any]:
        """`alpha` and `percent`, None where they are not defined yet, and `items`, those with two answers or more."""
        started = self._clock()
        if standing.number != self._number and started >= self._next_at:
            self._number = standing.number
            self._found = self._computed(standing)
            self._next_at = self._clock() + (self._clock() - started) / SHARE_OF_TIME
        return self._found

    def _computed(self, standing: Standing) -> dict[str, Any]:
        from seatrial.data.annotate.agreement import krippendorff_alpha, percent_agreement
        from seatrial.data.annotate.ratings import ratings_of
        from seatrial.data.annotate.resampling import Resampling

        twice = {item for item, count in standing.given.items() if count > 1}
        if not twice:
            return {"alpha": None, "percent": None, "items": 0}
        ratings = ratings_of((vote for vote in standing.votes() if vote[0] in twice), levels=self._labels)
        plain = Resampling(resamples=0)
        alpha = krippendorff_alpha(ratings, how=plain).value
        percent = percent_agreement(ratings, plain).value
        return {"alpha": None if math.isnan(alpha) else alpha, "percent": percent, "items": len(twice)}


def pace(standing: Standing, rater: str) -> float | None:
    """Items per minute of this rater, from the median time of the latest answers; None before there are any."""
    took = [event.took_s for event in standing.done(rater)[-RECENT:] if event.took_s > 0]
    return 60 / statistics.median(took) if took else None
