"""From what `service.py` measured to rows with goals, intervals and opponents. Refuses to know: how it was measured."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from results import figure

__all__ = ["figures_of"]

GOALS = {
    ("knee", "pipeline"): 8.0,
    ("knee", "mlserver"): 1.5,
    ("knee", "bentoml"): 1.5,
    ("rate 32", "pipeline"): 5.0,
    ("rate 32", "mlserver"): 1.5,
    ("rate 32", "bentoml"): 1.5,
    ("rate 1", "pipeline"): 5.0,
}
MEASURES = {
    "knee": ("open loop, highest rate with p95 <= 50 ms", "1/s"),
    "rate 1": ("closed loop, 1 client, rate", "1/s"),
    "p50 1": ("closed loop, 1 client, p50", "ms"),
    "p95 1": ("closed loop, 1 client, p95", "ms"),
    "rate 32": ("closed loop, 32 clients, rate", "1/s"),
    "p50 32": ("closed loop, 32 clients, p50", "ms"),
    "p95 32": ("closed loop, 32 clients, p95", "ms"),
}
MIN_SHARE_OF_CEILING = 0.75
MAX_LONE_RATIO = 1.3
ENGINE = "our engine in process"
Row = dict[str, Any]


class Measured(Protocol):
    """What `service.Measured` holds."""

    values: dict[tuple[str, str], list[float]]
    settings: dict[tuple[str, str], str]
    accuracy: dict[str, float]
    texts: int


def figures_of(measured: Measured, titles: Mapping[str, str]) -> tuple[list[Row], str]:
    """All rows, and a note on where the time goes where a goal was missed.

    Args:
        measured: values per turn by system and measure.
        titles: system → how it is named; `seatrial` is the one that is compared with the others.
    """
    rows = [*_ratios(measured, titles), *_ceiling(measured), *_values(measured, titles), *_quality(measured, titles)]
    rows += _cpu(measured)
    return rows, _note(measured, rows)


def _ratios(measured: Measured, titles: Mapping[str, str]) -> Iterator[Row]:
    for (measure, system), goal in GOALS.items():
        theirs = measured.values.get((system, measure))
        if theirs is None:
            continue
        ours = measured.values["seatrial", measure]
        kept = [max(value, 1.0) for value in theirs]  # who keeps the bound at no rate counts as one request per second
        ratios = [one / other for one, other in zip(ours, kept, strict=True)]
        name = f"{MEASURES[measure][0]}, ratio to {system}"
        met = statistics.median(ratios) >= goal
        yield _row(name, ratios, "x", goal=f">= {goal:g}", met=met, opponent=titles[system])


def _ceiling(measured: Measured) -> Iterator[Row]:
    pairs = zip(measured.values["seatrial", "rate 32"], measured.values["ceiling", "rate 32"], strict=True)
    shares = [ours / ceiling for ours, ceiling in pairs]
    yield _row(
        "closed loop, 32 clients, share of the engine's throughput in process (batches of 32 by length)",
        shares,
        "x",
        goal=f">= {MIN_SHARE_OF_CEILING:g}",
        met=statistics.median(shares) >= MIN_SHARE_OF_CEILING,
        opponent=ENGINE,
    )
    pairs = zip(measured.values["seatrial", "p50 1"], measured.values["ceiling", "p50 1"], strict=True)
    ratios = [ours / alone for ours, alone in pairs]
    met = statistics.median(ratios) <= MAX_LONE_RATIO
    name = "p50 of a lone request, ratio to the engine's time"
    yield _row(name, ratios, "x", goal=f"<= {MAX_LONE_RATIO:g}", met=met, opponent=ENGINE)
    for measure, name, unit in (
        ("rate 32", "throughput in batches of 32 by length", "1/s"),
        ("p50 1", "p50 of a lone text", "ms"),
    ):
        yield _row(f"{name}: {ENGINE}", measured.values["ceiling", measure], unit)


def _values(measured: Measured, titles: Mapping[str, str]) -> Iterator[Row]:
    for measure, (name, unit) in MEASURES.items():
        for system, title in titles.items():
            chosen = measured.settings.get((system, measure.replace("p50", "rate").replace("p95", "rate")))
            where = f"{title} ({chosen})" if chosen else title
            yield _row(f"{name}: {where}", measured.values[system, measure], unit)


def _quality(measured: Measured, titles: Mapping[str, str]) -> Iterator[Row]:
    for system, title in titles.items():
        yield figure(f"accuracy on the texts: {title}", round(measured.accuracy[system], 4), "share", n=measured.texts)


def _cpu(measured: Measured) -> Iterator[Row]:
    for clients in (1, 32):
        for part, name in (
            ("loop", "event loop and protocol"),
            ("other", "tokenizing and computing"),
            ("generator", "the load generator"),
        ):
            values = measured.values["seatrial", f"cpu {part} {clients}"]
            yield _row(f"CPU per request, closed loop, clients {clients}, {name}", values, "ms")


def _note(measured: Measured, rows: Sequence[Row]) -> str:
    missed = [row["name"] for row in rows if row["met"] is False]
    parts = {
        part: statistics.median(measured.values["seatrial", f"cpu {part} 32"])
        for part in ("loop", "other", "generator")
    }
    total = sum(parts.values()) or math.nan
    shares = ", ".join(f"{part} {100 * value / total:.0f} %" for part, value in parts.items())
    profile = f"CPU of service and generator at 32 clients: {shares} of {total:.2f} ms per request"
    return f"texts: {measured.texts} held-out tweets; {profile}" + (f"; missed: {'; '.join(missed)}" if missed else "")


def _row(
    name: str,
    values: Sequence[float],
    unit: str,
    *,
    goal: str | None = None,
    met: bool | None = None,
    opponent: str | None = None,
) -> Row:
    """The median over the turns, with the lowest and the highest."""
    interval = [round(min(values), 3), round(max(values), 3)]
    value = round(statistics.median(values), 3)
    return figure(name, value, unit, goal=goal, met=met, opponent=opponent, interval=interval, n=len(values))
