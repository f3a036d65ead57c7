"""All that can be said about how far raters agree, as plain JSON: overall, per label, per rater, per two raters."""

from __future__ import annotations

from typing import Any

import numpy as np

from seatrial.data.annotate.agreement import (
    fleiss_kappa,
    krippendorff_alpha,
    label_agreement,
    pair_agreement,
    percent_agreement,
    unanimous_share,
)
from seatrial.data.annotate.one_rater import one_rater_accuracy, rater_accuracies
from seatrial.data.annotate.ratings import Ratings, Scale
from seatrial.data.annotate.resampling import PLAIN, Resampling

__all__ = ["summarise"]

MOST_LEVELS = 30
"""With more levels, such as measurements, figures per label say nothing."""


def summarise(ratings: Ratings, *, scale: Scale = "nominal", how: Resampling = PLAIN) -> dict[str, Any]:
    """Every figure of agreement.

    Args:
        ratings: who said what.
        scale: of Krippendorff's alpha; the other figures look at names only.
        how: the intervals, over items.

    Returns:
        `items`, `raters`, `ratings` (counts), `levels`, `scale`, `confidence`; `overall` {figure: {value, interval,
        n}}; `per_label`, `per_rater` and `pairs`, rows of the same kind. n counts items with two ratings or more.

    Raises:
        SpecError: the scale does not fit the levels.
    """
    overall = {
        "krippendorff_alpha": krippendorff_alpha(ratings, scale, how),
        "fleiss_kappa": fleiss_kappa(ratings, how),
        "percent": percent_agreement(ratings, how),
        "unanimous": unanimous_share(ratings, how),
        "one_rater": one_rater_accuracy(ratings, how),
    }
    few = len(ratings.levels) <= MOST_LEVELS
    counts = np.bincount(ratings.rater, minlength=len(ratings.raters))
    return {
        "items": len(ratings.items),
        "raters": len(ratings.raters),
        "ratings": len(ratings.item),
        "levels": list(ratings.levels),
        "scale": scale,
        "confidence": how.confidence,
        "overall": {name: figure.as_dict() for name, figure in overall.items()},
        "per_label": [
            {
                "label": row.label,
                "share": row.share,
                "agreement": row.agreement.as_dict(),
                "alpha": row.alpha.as_dict(),
                "kappa": row.kappa.as_dict(),
            }
            for row in (label_agreement(ratings, how) if few else [])
        ],
        "per_rater": [
            {"rater": name, "ratings": int(count), "agrees_with_others": float(share)}
            for name, count, share in zip(ratings.raters, counts, rater_accuracies(ratings), strict=True)
        ],
        "pairs": [
            {"first": pair.first, "second": pair.second, "percent": pair.percent, "kappa": pair.kappa.as_dict()}
            for pair in (pair_agreement(ratings, how) if few else [])
        ],
    }
