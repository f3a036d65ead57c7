"""Ratings of several people → one label and a distribution per item, by counting votes or by weighing the raters.

Refuses to know: texts and files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.dawid_skene import dawid_skene, normalised
from seatrial.data.annotate.ratings import Ratings
from seatrial.errors import SpecError
from seatrial.registry import did_you_mean

__all__ = ["CONSENSUS", "Consensus", "consensus"]


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the raters say together.

    Attributes:
        method: its name in `CONSENSUS`.
        distribution: how likely each label is for each item, [items, k]; rows sum to 1.
        label: position of the likeliest label, [items]; of equals the first.
        raters: one row per rater: `rater`, `ratings`, `accuracy` against this consensus as the method sees it.
        facts: what else the method found, such as whether it came to rest.
    """

    method: str
    distribution: NDArray[np.float64]
    label: NDArray[np.intp]
    raters: list[dict[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)


def consensus(ratings: Ratings, method: str = "majority") -> Consensus:
    """Bring the ratings of each item together.

    Args:
        ratings: who said what.
        method: `majority`, every vote counts the same, and the distribution shows how divided the raters are; or
            `dawid-skene`, raters who mostly agree with good raters count more, and the distribution shows how sure
            the model is, which with many raters is nearly certain.

    Raises:
        SpecError: no such method.
    """
    if method not in CONSENSUS:
        raise SpecError(f"unknown consensus {method!r}", where="consensus", hint=did_you_mean(method, list(CONSENSUS)))
    return CONSENSUS[method](ratings)


def _majority(ratings: Ratings) -> Consensus:
    counts = ratings.counts()
    shares = normalised(counts, otherwise=counts.sum(axis=0))
    label = shares.argmax(axis=1)
    return Consensus("majority", shares, label, _rater_rows(ratings, _hits(ratings, label)))


def _dawid_skene(ratings: Ratings) -> Consensus:
    model = dawid_skene(ratings)
    rows = _rater_rows(ratings, model.rater_accuracy())
    for row, matrix in zip(rows, model.confusion, strict=True):
        row["confusion"] = {
            right: {said: round(float(share), 4) for said, share in zip(ratings.levels, shares, strict=True)}
            for right, shares in zip(ratings.levels, matrix, strict=True)
        }
    facts = {
        "prior": {label: float(share) for label, share in zip(ratings.levels, model.prior, strict=True)},
        "iterations": model.iterations,
        "converged": model.converged,
        "log_likelihood": model.log_likelihood,
    }
    return Consensus("dawid-skene", model.posterior, model.posterior.argmax(axis=1), rows, facts)


def _hits(ratings: Ratings, label: NDArray[np.intp]) -> NDArray[np.float64]:
    """The share of each rater's ratings that are the label of their item, [raters]."""
    raters = len(ratings.raters)
    right = np.bincount(ratings.rater, weights=label[ratings.item] == ratings.level, minlength=raters)
    return right / np.bincount(ratings.rater, minlength=raters)


def _rater_rows(ratings: Ratings, accuracy: NDArray[np.float64]) -> list[dict[str, Any]]:
    counts = np.bincount(ratings.rater, minlength=len(ratings.raters))
    return [
        {"rater": name, "ratings": int(count), "accuracy": float(share)}
        for name, count, share in zip(ratings.raters, counts, accuracy, strict=True)
    ]


CONSENSUS: dict[str, Callable[[Ratings], Consensus]] = {"majority": _majority, "dawid-skene": _dawid_skene}
"""The methods by name."""
