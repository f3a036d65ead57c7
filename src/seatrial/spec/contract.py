"""The `requirements:` section: the contract, one line per requirement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.records import Requirement
from seatrial.spec.base import Section, Word

__all__ = [
    "GENERATION_FIGURES",
    "LIKENESSES",
    "OPERATIONAL_SPLITS",
    "RequirementSpec",
    "contradiction",
    "out_of_range",
]


class RequirementSpec(Section):
    """A metric somewhere that must not fall short of (`at_least`) or exceed (`at_most`) a bound."""

    metric: str
    """A metric by name, or `p95_ms`, `p50_ms` (the running service), `size_mb` (served files), `agreement` (same label,
    or same most probable token, as the uncompressed model) or, for embeddings, `cosine_to_source` (mean cosine with the
    uncompressed model's). `trained_share` is the share of the weights that learned, and `adapter_mb` the size of a
    language model's low-rank updates alone. Of a language model that is served also `ttft_p50_ms`, `ttft_p95_ms` (time
    to first token), `tpot_p50_ms`, `tpot_p95_ms` (time per output token), `tokens_per_s` (of one answer) and
    `peak_memory_mb`."""
    at_least: float | None = None
    """The floor. Give this or `at_most`."""
    at_most: float | None = None
    """The ceiling. Give this or `at_least`."""
    split: Literal["test", "validation", "service"] | None = None
    """Where it is measured. Default: `service` for latency, speed, memory, size and `trained_share`,
    `validation` for likeness to the uncompressed model, else `test`."""
    where: dict[str, Word] = Field(default_factory=dict)
    """Slice filter; all conditions must hold, for example `{domain: tweets, agreed: "yes"}`."""
    confidence: float | None = Field(default=None, gt=0.5, lt=1)
    """Then the unfavourable end of the bootstrap interval at this confidence must meet the bound."""
    over: str | None = None
    """An opponent by name; the metric is then the difference to it on the same examples."""
    ratio_to: str | None = None
    """An opponent by name; the metric is then divided by the opponent's on the same examples. `at_most: 0.8` asks for
    20 % less at least. Give this or `over`."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give exactly one of at_least and at_most")
        if self.over and self.ratio_to:
            raise ValueError("give over, a difference, or ratio_to, a quotient; not both")
        return self

    @model_validator(mode="after")
    def _measured_somewhere(self) -> Self:
        """Refuse what could only turn out to be unmeasured when everything has run."""
        own = OPERATIONAL_SPLITS.get(self.metric)
        if own and self.split not in {None, own}:
            raise ValueError(f"{self.metric} is measured on {own}, not on {self.split}")
        if own is None and self.split == "service":
            raise ValueError(f"{self.metric} is not measured on service; only {', '.join(SERVICE_FIGURES)} are")
        for key in ("over", "ratio_to", *(("where", "confidence") if own == "service" else ())):
            if own and getattr(self, key):
                raise ValueError(f"{self.metric} is one figure and cannot have {key!r}")
        return self

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        problem = out_of_range(self, OPERATIONAL_RANGES.get(self.metric, (-math.inf, math.inf)))
        if problem:
            raise ValueError("; ".join(problem))
        return self

    @property
    def bound(self) -> float:
        """The floor or the ceiling."""
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None
        return bound

    @property
    def opponent(self) -> str | None:
        """Whom the metric is compared with, if with anybody."""
        return self.over or self.ratio_to

    def record(self) -> Requirement:
        """The requirement as the noun that the contract is judged by."""
        floor = self.at_least is not None
        return Requirement(
            metric=self.metric,
            comparator=">=" if floor else "<=",
            bound=self.bound,
            split=self.split or OPERATIONAL_SPLITS.get(self.metric, "test"),
            where=self.where,
            confidence=self.confidence,
            over=self.opponent,
            ratio=self.ratio_to is not None,
        )


GENERATION_FIGURES = ("ttft_p50_ms", "ttft_p95_ms", "tpot_p50_ms", "tpot_p95_ms", "tokens_per_s", "peak_memory_mb")
"""Figures of a service that writes; every other one has those of latency and size alone."""
OPERATIONAL_SPLITS = {
    "p50_ms": "service",
    "p95_ms": "service",
    "size_mb": "service",
    "adapter_mb": "service",
    "trained_share": "service",
    **dict.fromkeys(GENERATION_FIGURES, "service"),
    "agreement": "validation",
    "cosine_to_source": "validation",
}
"""Figures that are not computed from predictions and labels, and where they are measured."""
OPERATIONAL_RANGES = {
    "p50_ms": (0, math.inf),
    "p95_ms": (0, math.inf),
    "size_mb": (0, math.inf),
    "adapter_mb": (0, math.inf),
    "trained_share": (0, 1),
    **dict.fromkeys(GENERATION_FIGURES, (0, math.inf)),
    "agreement": (0, 1),
    "cosine_to_source": (-1, 1),
}
"""The least and the greatest value that each of them can have."""
SERVICE_FIGURES = tuple(metric for metric, split in OPERATIONAL_SPLITS.items() if split == "service")
LIKENESSES = tuple(metric for metric, split in OPERATIONAL_SPLITS.items() if split == "validation")
"""Figures that compare a compressed model with the uncompressed one; each task has one of them."""


def out_of_range(requirement: RequirementSpec, limits: tuple[float, float]) -> tuple[str, str] | None:
    """What is wrong with a bound that its metric cannot have, and what to do; None if nothing is.

    Args:
        requirement: one line of the contract.
        limits: the least and the greatest value of its metric. A difference (`over`) or a quotient (`ratio_to`) has the
            range that follows.
    """
    low, high = limits
    what = requirement.metric
    if requirement.over:
        low, high, what = low - high, high - low, f"a difference in {what}"
    if requirement.ratio_to:
        low, high, what = 0.0 if low >= 0 else -math.inf, math.inf, f"a quotient of {what}"
    bound = requirement.bound
    if low <= bound <= high:
        return None
    between = f"between {low:g} and {high:g}" if high < math.inf else f"at {low:g} or above"
    percent = high == 1 and 1 < abs(bound) <= 100
    hint = f"write {bound / 100:g} for {bound:g} %" if percent else "give a bound in that range"
    return f"{what} lies {between}, never at {bound:g}", hint


def contradiction(requirements: Sequence[RequirementSpec]) -> str | None:
    """Two lines that no model can meet together, in words; None if there are none."""
    floors: dict[tuple[object, ...], tuple[int, float]] = {}
    for ceilings in (False, True):
        for place, line in enumerate(requirements):
            record = line.record()
            key = (record.metric, record.split, tuple(sorted(record.where.items())), record.over, record.ratio)
            if line.at_least is not None and not ceilings:
                floors[key] = max(floors.get(key, (place, line.bound)), (place, line.bound), key=lambda one: one[1])
            elif line.at_most is not None and ceilings and key in floors and floors[key][1] > line.bound:
                other, floor = floors[key]
                return (
                    f"line {place} wants {line.metric} at most {line.bound:g}, and line {other} at least {floor:g};"
                    " no model can meet both"
                )
    return None
