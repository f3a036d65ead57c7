"""What is asked and what was measured: requirements, figures, a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

__all__ = ["Comparator", "Interval", "Measurement", "Requirement", "RequirementResult", "Verdict"]

Comparator = Literal[">=", "<="]


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval at `confidence` (0.95 = 95 %)."""

    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured figure.

    Attributes:
        metric: registered name, for example ``"accuracy"`` or ``"p95_ms"``.
        value: the figure; NaN where it is not defined.
        n: how many items it was measured on.
        split: ``"validation"``, ``"test"``, or ``"service"`` for operational figures.
        where: slice filter; empty means all.
        interval: bootstrap interval, or None where none applies.
        over: the opponent this is a difference to, or None.
        system: what was measured: ``"model"``, a candidate's name or an opponent's.
        ratio: whether it was divided by the opponent's figure instead; only the contract asks for that.
    """

    metric: str
    value: float
    n: int
    split: str = "test"
    where: Mapping[str, str] = field(default_factory=dict)
    interval: Interval | None = None
    over: str | None = None
    system: str = "model"
    ratio: bool = False

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`, also where NaN went through JSON as null."""
        values = dict(raw)
        if values["value"] is None:  # JSON has no NaN
            values["value"] = float("nan")
        if values.get("interval"):
            values["interval"] = Interval(**values["interval"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the contract: a metric somewhere must not fall short of (or exceed) a bound.

    Attributes:
        metric: registered metric, or an operational one (``p95_ms``, ``size_mb``, ``agreement``, ``cosine_to_source``).
        comparator: ``">="`` for floors, ``"<="`` for ceilings.
        bound: the bound in the metric's unit.
        split: where it is measured: ``"test"``, ``"validation"``, ``"service"``.
        where: slice filter, for example ``{"domain": "tweets"}``.
        confidence: then the unfavourable end of the interval at this confidence must meet the bound.
        over: the metric is the difference to this opponent's.
        ratio: with `over`: the metric is divided by the opponent's instead.
    """

    metric: str
    comparator: Comparator
    bound: float
    split: str = "test"
    where: Mapping[str, str] = field(default_factory=dict)
    confidence: float | None = None
    over: str | None = None
    ratio: bool = False

    @property
    def name(self) -> str:
        """Readable and unique within a sensible contract, for example ``accuracy [agreed=yes, domain=tweets]``."""
        text = self.metric
        if self.over:
            text += f" {'relative to' if self.ratio else 'over'} {self.over}"
        if self.where:
            text += " [" + ", ".join(f"{k}={v}" for k, v in sorted(self.where.items())) + "]"
        if self.split == "validation":
            text += " on validation"
        if self.confidence is not None:
            text += f", {100 * self.confidence:g}% bound"
        return text


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """A requirement beside what was measured. `why` says what is missing when `met` is False."""

    requirement: Requirement
    measured: float | None
    interval: Interval | None
    met: bool
    why: str
    n: int = 0

    @property
    def short_by(self) -> float | None:
        """How far the measured value is on the wrong side of the bound, in the metric's unit; None if unmeasured."""
        if self.measured is None:
            return None
        gap = self.requirement.bound - self.measured
        return gap if self.requirement.comparator == ">=" else -gap

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        interval = Interval(**raw["interval"]) if raw["interval"] else None
        return cls(**{**raw, "requirement": Requirement(**raw["requirement"]), "interval": interval})

    def as_dict(self) -> dict[str, Any]:
        """The row that `verdict.json` and ``--json`` show."""
        return {
            "requirement": self.requirement.name,
            "measured": self.measured,
            "interval": [self.interval.low, self.interval.high] if self.interval else None,
            "comparator": self.requirement.comparator,
            "bound": self.requirement.bound,
            "met": self.met,
            "why": self.why,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The contract beside the measurements of one candidate."""

    candidate: str
    results: tuple[RequirementResult, ...]

    @property
    def accepted(self) -> bool:
        """True when there is a contract and every line of it is met."""
        return bool(self.results) and all(result.met for result in self.results)

    @property
    def missed(self) -> tuple[RequirementResult, ...]:
        """The lines that fell short."""
        return tuple(result for result in self.results if not result.met)

    def as_dict(self) -> dict[str, Any]:
        """The form of `verdict.json`."""
        return {
            "accepted": self.accepted,
            "candidate": self.candidate,
            "verdict": [result.as_dict() for result in self.results],
        }
