"""The trial in one paragraph of plain words, every word of it computed from the figures."""

from __future__ import annotations

from seatrial.govern.figures import (
    LOWER_IS_BETTER,
    beside,
    bound,
    confidence,
    figure,
    finite,
    metric_name,
    name,
    percent,
    printable,
    requirement_name,
)
from seatrial.govern.findings import (
    decisive,
    figures_of_model,
    headline,
    kind_of_model,
    measured_on,
    opponents,
    released,
    shortfall,
    writing_speed,
)
from seatrial.records import Measurement, RequirementResult, Trial
from seatrial.report.markup import Html, h
from seatrial.report.sections.base import Section

__all__ = ["summary"]


def summary(trial: Trial) -> Section:
    """What was asked, what came out, how that compares, and how close it was."""
    sentences = [_asked(trial), *_quality(trial), _service(trial), *_closeness(trial)]
    tiles = _tiles(trial)
    body = [h("p.summary", " ".join(s for s in sentences if s)), h("dl.tiles", tiles) if tiles else None]
    return Section("summary", "In plain words", None, body)


def _asked(trial: Trial) -> str:
    count = len(trial.verdict.results)
    asked = f"{count} requirement{'s' if count != 1 else ''}"
    outcome = (
        "It meets all of them."
        if trial.verdict.accepted and count > 1
        else "It meets it."
        if trial.verdict.accepted
        else "It does not meet the contract."
    )
    return f"“{name(trial.project)}” is {kind_of_model(trial)} that was asked to meet {asked}. {outcome}"


def _quality(trial: Trial) -> list[str]:
    metric = headline(trial)
    whole = measured_on(figures_of_model(trial), metric, {}) if metric else None
    if metric is None or whole is None or finite(whole.value) is None:
        return []
    said = [f"On {whole.n:,} held-out examples it {_reaches(whole)}{_range(whole)}."]
    others = opponents(trial, metric, {})
    if others:
        best, gap = others[0], whole.value - others[0].value
        ahead = gap < 0 if metric in LOWER_IS_BETTER else gap > 0
        word = "level with" if gap == 0 else "ahead of" if ahead else "behind"
        strongest = "the one opponent" if len(others) == 1 else f"the strongest of {len(others)} opponents"
        by = f", by {_amount(metric, abs(gap))}" if gap else ""
        unsure = gap and _overlap(whole, best)
        doubt = " The two intervals overlap, so the order is not certain." if unsure else ""
        said.append(f"That is {word} {strongest}, {name(best.system)}, which {_reaches(best)}{by}.{doubt}")
    return said


def _reaches(measurement: Measurement) -> str:
    if measurement.metric == "accuracy":
        return f"is right on {percent(measurement.value)}"
    return f"reaches a {metric_name(measurement.metric)} of {figure(measurement.metric, measurement.value)}"


def _range(measurement: Measurement) -> str:
    found = measurement.interval
    if found is None or finite(found.low) is None or finite(found.high) is None:
        return ""
    low, high = (
        percent(e) if measurement.metric == "accuracy" else figure(measurement.metric, e)
        for e in (found.low, found.high)
    )
    return f" ({confidence(found.confidence)} interval {low} to {high})"


def _overlap(one: Measurement, other: Measurement) -> bool:
    if one.interval is None or other.interval is None:
        return False
    return one.interval.low <= other.interval.high and other.interval.low <= one.interval.high


def _amount(metric: str, gap: float) -> str:
    return f"{100 * gap:.1f}\u00a0points" if metric == "accuracy" else figure(metric, gap)


def _service(trial: Trial) -> str:
    candidate = released(trial)
    if candidate is None:
        return ""
    speed, writing = finite(candidate.latency_p95_ms), writing_speed(trial)
    quick = (
        f", begins to write after {figure('ttft_p50_ms', writing['ttft_p50_ms'])} in the median and writes"
        f" {figure('tokens_per_s', writing['tokens_per_s'])} through the running service"
        if writing is not None
        else f" and answers 95 of 100 requests within {figure('p95_ms', speed)} through the running service"
        if speed is not None
        else ""
    )
    which = "released" if candidate.chosen else "best"
    return f"The {which} candidate, {name(candidate.name)}, takes {figure('size_mb', candidate.size_mb)}{quick}."


def _closeness(trial: Trial) -> list[str]:
    """What is missing, or which line was met most narrowly (as a share of its bound, to compare unlike units)."""
    said = []
    for result in trial.verdict.missed:
        gap = shortfall(result)
        if gap is None or gap <= 0:
            said.append(f"Not shown: {_lower(result)}.")
        else:
            missing = beside(result.requirement.metric, gap, 0.0)
            value = beside(result.requirement.metric, decisive(result), result.requirement.bound)
            limit = bound(result.requirement.metric, result.requirement.bound)
            said.append(f"Missed: {_lower(result)} came out at {value}, {missing} short of {limit}.")
    if not said:
        margins = [
            (-gap / abs(r.requirement.bound), r)
            for r in trial.verdict.results
            if (gap := shortfall(r)) is not None and r.requirement.bound
        ]
        if len(margins) > 1:
            tightest = min(margins, key=lambda pair: pair[0])[1]
            gap = shortfall(tightest)
            margin = beside(tightest.requirement.metric, 0.0 if gap is None else -gap, 0.0)
            said.append(f"The tightest line is {_lower(tightest)}, met with {margin} to spare.")
    return said


def _lower(result: RequirementResult) -> str:
    said = requirement_name(result.requirement)
    return said if said[:2].isupper() else said[0].lower() + said[1:]


def _tiles(trial: Trial) -> list[Html]:
    metric, candidate = headline(trial), released(trial)
    whole = measured_on(figures_of_model(trial), metric, {}) if metric else None
    tiles: list[tuple[str, str, str]] = []
    if metric and whole and finite(whole.value) is not None:
        tiles.append((metric_name(metric), figure(metric, whole.value), f"{whole.n:,} held-out examples"))
        others = opponents(trial, metric, {})
        if others:
            tiles.append(("best opponent", figure(metric, others[0].value), printable(others[0].system)))
    if candidate:
        writing = writing_speed(trial)
        if writing is not None:
            first, speed = figure("ttft_p95_ms", writing["ttft_p95_ms"]), finite(writing["tokens_per_s"])
            tiles.append(("first token (p95)", first, "one request through the service"))
            tiles.append(("tokens per second", "–" if speed is None else f"{speed:,.1f}", "of one answer, likewise"))
        elif finite(candidate.latency_p95_ms) is not None:
            tiles.append(
                ("latency (p95)", figure("p95_ms", candidate.latency_p95_ms), "one request through the service")
            )
        tiles.append(("size", figure("size_mb", candidate.size_mb), "model and tokenizer"))
    return [h("div", h("dt", title), h("dd", value), h("dd.note", note)) for title, value, note in tiles]
