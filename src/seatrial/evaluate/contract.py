"""The contract: requirements beside measurements, and nothing passes by being absent.

Refuses to know: how anything was measured. It compares exactly; rounding happens only in what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from seatrial.records import Measurement, Requirement, RequirementResult, Verdict

__all__ = ["judge"]

UNITS = {"_ms": " ms", "_mb": " MB", "tokens_per_s": " tokens/s"}
"""Ending of a metric's name → the unit that is shown behind its figures."""


def judge(
    candidate: str, requirements: Sequence[Requirement], lookup: Callable[[Requirement], Measurement | None]
) -> Verdict:
    """Hold one candidate to the contract.

    A requirement is met only by a finite measurement of exactly what it names, on at least one item, that is on the
    right side of the bound; with `confidence`, the unfavourable end of the interval at that confidence must be too.

    Args:
        candidate: the candidate's name.
        requirements: the contract.
        lookup: a requirement → its measurement for this candidate, or None when there is none.

    Returns:
        A result per requirement, in order; `why` says what is missing or by how much a figure falls short.
    """
    return Verdict(candidate, tuple(_judge_one(requirement, lookup(requirement)) for requirement in requirements))


def _judge_one(requirement: Requirement, measurement: Measurement | None) -> RequirementResult:
    missing = _missing(requirement, measurement)
    if measurement is None:
        return RequirementResult(requirement, None, None, met=False, why=missing)
    measured = measurement.value if math.isfinite(measurement.value) else None
    why = missing or _shortfall(requirement, measurement)
    return RequirementResult(requirement, measured, measurement.interval, met=not why, why=why, n=max(measurement.n, 0))


def _missing(requirement: Requirement, measurement: Measurement | None) -> str:
    """Why there is nothing to compare, or an empty string."""
    place = ", ".join(f"{name}={value}" for name, value in sorted(requirement.where.items()))
    if measurement is None:
        return f"{requirement.metric} was not measured on {requirement.split}" + (f" [{place}]" if place else "")
    asked = (requirement.metric, requirement.split, dict(requirement.where), requirement.over, requirement.ratio)
    found = (measurement.metric, measurement.split, dict(measurement.where), measurement.over, measurement.ratio)
    if found != asked:
        return f"another figure was measured: {measurement.metric} on {measurement.split}"
    if measurement.n <= 0:
        return f"no example of the {requirement.split} split" + (f" has {place}" if place else "")
    if not math.isfinite(measurement.value):
        return f"{requirement.metric} is not defined on these {measurement.n} example(s)"
    return "" if requirement.confidence is None else _missing_interval(requirement.confidence, measurement)


def _missing_interval(confidence: float, measurement: Measurement) -> str:
    """Why there is no usable interval at this confidence, or an empty string."""
    interval = measurement.interval
    if interval is None:
        return f"there is no interval: {measurement.n} example(s) are too few, or the metric is undefined in resamples"
    if interval.confidence != confidence:
        return f"the interval is at {interval.confidence:.4g} confidence, {confidence:.4g} was asked for"
    if not (math.isfinite(interval.low) and math.isfinite(interval.high) and interval.low <= interval.high):
        return f"the interval from {interval.low} to {interval.high} is not one"
    return ""


def _shortfall(requirement: Requirement, measurement: Measurement) -> str:
    """By how much the figure that counts is on the wrong side of the bound, or an empty string."""
    floor = requirement.comparator == ">="
    figures = [("", measurement.value)]
    if requirement.confidence is not None and measurement.interval is not None:
        end, name = (measurement.interval.low, "lower") if floor else (measurement.interval.high, "upper")
        # First, since it decides; the value is only on the other side of it when an interval leaves its value out.
        figures.insert(0, (f"the {name} end of the {requirement.confidence:.4g} interval, ", end))
    for name, figure in figures:
        if not (figure >= requirement.bound if floor else figure <= requirement.bound):
            gap = abs(figure - requirement.bound)
            unit = next((unit for ending, unit in UNITS.items() if requirement.metric.endswith(ending)), "")
            shown, by, bound = _digits(figure, gap), _digits(gap, gap), f"{requirement.bound:.15g}"
            side = "below" if floor else "above"
            return f"{name}{shown}{unit} is {by}{unit} {side} {bound}{unit}"
    return ""


def _digits(figure: float, gap: float) -> str:
    """The figure with three digits of the gap showing, so that a near miss never looks like the bound."""
    if not 0 < gap < math.inf:
        return f"{figure:.6g}"
    decimals = min(max(0, 2 - math.floor(math.log10(gap))), 17)
    shown = f"{figure:.{decimals}f}"
    return shown.rstrip("0").rstrip(".") if decimals else shown
