"""One figure on one slice with its interval, for one system or as the difference of two.

Refuses to know: where label scores come from, and what the contract asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.intervals import bootstrap, percentile_interval
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import Floats, Indices, Metric, statistic_of
from seatrial.evaluate.slices import select
from seatrial.records import Example, Measurement

__all__ = ["label_indices", "measure", "measure_systems", "measure_values", "scores"]


def label_indices(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.intp]:
    """The position of each example's hard label among `labels`, [n]."""
    index = {label: i for i, label in enumerate(labels)}
    return np.array([index[example.label] for example in examples], dtype=np.intp)


def scores(metrics: Sequence[str], label_scores: Floats, truth: Indices) -> dict[str, float]:
    """Plain values without intervals, for early stopping and live figures.

    Args:
        metrics: registered names.
        label_scores: [n, …], as the metrics read them.
        truth: [n, …], likewise.
    """
    return {name: METRICS.get(name).compute(label_scores, truth) for name in metrics}


def measure(
    metric: str,
    label_scores: Floats,
    examples: Sequence[Example],
    truth: Indices,
    *,
    split: str,
    where: Mapping[str, str],
    system: str,
    resamples: int,
    confidence: float,
    seed: int,
    against: Floats | None = None,
    over: str | None = None,
    ratio: bool = False,
) -> Measurement:
    """Measure one metric on the examples of one slice.

    Args:
        metric: registered name.
        label_scores: [n, …], what the system says of every example (not only of the slice): probabilities [n, k], say.
        examples: n examples.
        truth: [n, …], what is true of them: label positions [n], say.
        split: the split that the examples are, for the record.
        where: slice filter; empty takes all examples.
        system: the system's name, for the record.
        resamples: bootstrap resamples.
        confidence: of the interval.
        seed: of the resamples.
        against: label scores of an opponent; then the figure is the system's minus the opponent's on the same examples,
            and the interval is paired. Give it together with `over`.
        over: the opponent's name.
        ratio: divide by the opponent's figure instead.

    Returns:
        The figure. On an empty slice the value is NaN, n is 0 and there is no interval.

    Raises:
        SpecError: no such metric.
    """
    if (against is None) != (over is None):
        raise ValueError("give against and over together")
    systems = {system: label_scores}
    if against is not None and over is not None:
        if over == system:
            raise ValueError(f"{system!r} cannot be measured over itself")
        systems[over] = against
    found = measure_systems(
        [metric],
        systems,
        examples,
        truth,
        split=split,
        where=where,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        ratio=ratio,
    )
    return next(m for m in found if m.system == system and m.over == over)


def measure_values(
    metric: str,
    values: Floats,
    examples: Sequence[Example],
    *,
    split: str,
    where: Mapping[str, str],
    system: str,
    resamples: int,
    confidence: float,
    seed: int,
) -> Measurement:
    """The mean of one value per example, on the examples of one slice; for figures that need no label.

    Args:
        metric: its name, for the record.
        values: [n], at most 1.
        examples: n examples.
        split: for the record.
        where: slice filter; empty takes all examples.
        system: for the record.
        resamples: bootstrap resamples.
        confidence: of the interval.
        seed: of the resamples.

    Returns:
        The figure. On an empty slice, or with a value that is not finite, it is NaN and there is no interval.
    """
    kept = values[select(examples, where)]
    if not len(kept) or not np.isfinite(kept).all():
        return Measurement(metric, float("nan"), len(kept), split, dict(where), None, None, system)

    def mean(weights: Floats) -> Floats:
        found: Floats = kept @ weights / weights.sum(axis=0)
        return found

    spread = bootstrap([mean], len(kept), resamples=resamples, seed=seed)[0]
    interval = percentile_interval(spread, n=len(kept), confidence=confidence)
    return Measurement(metric, float(kept.mean()), len(kept), split, dict(where), interval, None, system)


def measure_systems(
    metrics: Sequence[str],
    systems: Mapping[str, Floats],
    examples: Sequence[Example],
    truth: Indices,
    *,
    split: str,
    where: Mapping[str, str],
    resamples: int,
    confidence: float,
    seed: int,
    decisions_only: Collection[str] = (),
    ratio: bool = False,
) -> list[Measurement]:
    """Measure several metrics and systems on the same resamples of one slice; see `measure`.

    Args:
        metrics: registered names.
        systems: name → label scores [n, …]; the first is also compared with each of the others.
        examples: n examples.
        truth: [n, …], what is true of them.
        split: for the record.
        where: slice filter.
        resamples: bootstrap resamples.
        confidence: of the intervals.
        seed: of the resamples.
        decisions_only: systems that give no probabilities; metrics that need some leave them out.
        ratio: compare by quotients; one is not defined where the other's figure is 0.

    Returns:
        For each system and metric the figure, then the first system's differences over the others (or quotients).
    """
    keep = select(examples, where)
    true = truth[keep]
    chosen = {name: METRICS.get(name) for name in metrics}
    pairs = [
        (system, name)
        for system in systems
        for name, metric in chosen.items()
        if metric.decisions_only or system not in decisions_only
    ]
    parts = {system: label_scores[keep] for system, label_scores in systems.items()}
    values = {pair: chosen[pair[1]].compute(parts[pair[0]], true) for pair in pairs}
    resampled = _resampled(chosen, parts, true, values, resamples=resamples, seed=seed)

    def figure(system: str, name: str, over: str | None) -> Measurement:
        value, spread = values[system, name], resampled.get((system, name))
        quotient = ratio and over is not None
        if over is not None:
            compare = _quotient if ratio else np.subtract
            value = float(compare(value, values[over, name]))
            other = resampled.get((over, name))
            spread = None if spread is None or other is None else compare(spread, other)
        lowest = 0.0 if over is None or ratio else -1.0
        interval = (
            None if spread is None else percentile_interval(spread, n=len(keep), confidence=confidence, lowest=lowest)
        )
        return Measurement(name, value, len(keep), split, dict(where), interval, over, system, quotient)

    first = next(iter(systems))
    return [
        *(figure(system, name, None) for system, name in pairs),
        *(figure(first, name, system) for system, name in pairs if system != first and (first, name) in values),
    ]


def _quotient(ours: Floats | float, theirs: Floats | float) -> Floats:
    """Ours divided by theirs; NaN where theirs is 0."""
    ours, theirs = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    found: Floats = np.full(ours.shape, np.nan)
    np.divide(ours, theirs, out=found, where=theirs != 0)
    return found


def _resampled(
    metrics: Mapping[str, Metric],
    parts: Mapping[str, Floats],
    truth: Indices,
    values: Mapping[tuple[str, str], float],
    *,
    resamples: int,
    seed: int,
) -> dict[tuple[str, str], Floats]:
    """(system, metric) → [resamples], for the figures that are defined."""
    usable = {system: bool(np.isfinite(part).all()) for system, part in parts.items()}
    defined = [(system, name) for (system, name), value in values.items() if usable[system] and np.isfinite(value)]
    if not defined:
        return {}
    statistics = [statistic_of(metrics[name], parts[system], truth) for system, name in defined]
    return dict(zip(defined, bootstrap(statistics, len(truth), resamples=resamples, seed=seed), strict=True))
