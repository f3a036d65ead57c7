"""The `requirements:` section: the contract, one line per requirement."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.records import Requirement
from seatrial.spec.base import Section, Word

__all__ = ["RequirementSpec"]


class RequirementSpec(Section):
    """A metric somewhere that must not fall short of (`at_least`) or exceed (`at_most`) a bound."""

    metric: str
    """A metric by name, or `p95_ms`, `p50_ms` (the running service), `size_mb` (served files), `agreement` (same label
    as the uncompressed model)."""
    at_least: float | None = None
    """The floor. Give this or `at_most`."""
    at_most: float | None = None
    """The ceiling. Give this or `at_least`."""
    split: Literal["test", "validation", "service"] | None = None
    """Where it is measured. Default: `service` for latency and size, `validation` for agreement, else `test`."""
    where: dict[str, Word] = Field(default_factory=dict)
    """Slice filter; all conditions must hold, for example `{domain: tweets, agreed: "yes"}`."""
    confidence: float | None = Field(default=None, gt=0.5, lt=1)
    """Then the unfavourable end of the bootstrap interval at this confidence must meet the bound."""
    over: str | None = None
    """An opponent by name; the metric is then the difference to it on the same examples."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give exactly one of at_least and at_most")
        return self

    @model_validator(mode="after")
    def _measured_somewhere(self) -> Self:
        """Refuse what could only turn out to be unmeasured when everything has run."""
        own = OPERATIONAL_SPLITS.get(self.metric)
        if own and self.split not in {None, own}:
            raise ValueError(f"{self.metric} is measured on {own}, not on {self.split}")
        if own is None and self.split == "service":
            raise ValueError(f"{self.metric} is not measured on service; only {', '.join(SERVICE_FIGURES)} are")
        for key in ("over", *(("where", "confidence") if own == "service" else ())):
            if own and getattr(self, key):
                raise ValueError(f"{self.metric} is one figure and cannot have {key!r}")
        return self

    def record(self) -> Requirement:
        """The requirement as the noun that the contract is judged by."""
        floor = self.at_least is not None
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None
        return Requirement(
            metric=self.metric,
            comparator=">=" if floor else "<=",
            bound=bound,
            split=self.split or OPERATIONAL_SPLITS.get(self.metric, "test"),
            where=self.where,
            confidence=self.confidence,
            over=self.over,
        )


OPERATIONAL_SPLITS = {"p50_ms": "service", "p95_ms": "service", "size_mb": "service", "agreement": "validation"}
"""Figures that are not computed from predictions and labels, and where they are measured."""
SERVICE_FIGURES = tuple(metric for metric, split in OPERATIONAL_SPLITS.items() if split == "service")
