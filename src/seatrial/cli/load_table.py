"""What `seatrial bench serve` shows: the figures of a load and of a search, for people or as JSON.

Refuses to know: how they were measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from seatrial.cli.console import note, say, write_json

if TYPE_CHECKING:
    from seatrial.load import Knee, LoadResult, Sending
    from seatrial.load.texts import FileTexts

__all__ = ["Work", "show"]


@dataclass(frozen=True)
class Work:
    """What is sent to where, and how.

    Attributes:
        told: status → what the first refusal with it said; filled while the load lasts.
    """

    url: str
    texts: FileTexts
    sending: Sending
    rate: float | None
    clients: int | None
    duration_s: float
    arrivals: Literal["poisson", "constant"]
    seed: int
    told: dict[int, str] = field(default_factory=dict)


def show(
    work: Work,
    result: LoadResult,
    knee: Knee | None,
    *,
    bound_ms: float | None,
    release: Path | None,
    json_output: bool,
) -> None:
    """Print the figures: one line each on stdout, notes on stderr; one JSON object instead if `json_output`.

    Args:
        work: what was sent.
        result: the load's figures.
        knee: what the search found, or None without one.
        bound_ms: the p95 to keep, or None.
        release: the release that was started for it, or None.
        json_output: as JSON.
    """
    if json_output:
        write_json(
            {
                "target": str(release or work.url),
                "seed": work.seed,
                "p95_bound_ms": bound_ms,
                "texts": work.texts.told,
                "load": result.as_dict(),
                "refusals_said": {str(status): told for status, told in sorted(work.told.items())},
                "knee": knee.as_dict() if knee else None,
            }
        )
        return
    for name, value in (*_rows(work, result), *(_knee_rows(knee) if knee else ())):
        say(f"{name:<12} {value}")
    for warning in _warnings(work, result):
        note(f"note: {warning}")


def _rows(work: Work, result: LoadResult) -> Iterator[tuple[str, str]]:
    how = (
        f"open loop, {work.rate:g} requests/s ({work.arrivals})"
        if work.rate
        else f"closed loop, {work.clients} clients"
    )
    texts = f"{work.sending.batch} text{'s'[: work.sending.batch > 1]}"
    yield "load", f"{how}, {result.seconds:.1f} s, {texts} per request, seed {work.seed}"
    yield "texts", work.texts.told
    sent = f"{result.sent:,} of {result.due:,} due requests"
    yield "sent", sent + (", then stopped" if result.stopped else "")
    rate = f", {result.answers_per_s * work.sending.batch:,.1f} texts/s" if work.sending.batch > 1 else ""
    yield "answered", f"{result.good:,} with 2xx, {result.answers_per_s:,.1f} per second{rate}"
    shares: tuple[tuple[str, float], ...] = (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    if result.good:
        yield "latency", "  ".join(f"{name} {result.latency_ms(share):.2f} ms" for name, share in shares)
    other = {status: count for status, count in result.statuses.items() if not 200 <= status < 300}
    if other:
        told = ", ".join(f"{count:,} × {status}" for status, count in sorted(other.items()))
        without = result.refusals_without_retry_after
        yield "refused", told + (f", {without:,} without Retry-After" if without else "")
    yield from (("", f"{status}: {told}") for status, told in sorted(work.told.items()) if told)
    if result.errors:
        yield "lost", ", ".join(f"{count:,} {kind}" for kind, count in result.errors.items())
    if len(result.versions) > 1:
        yield "versions", ", ".join(f"{count:,} from {version}" for version, count in result.versions.items())


def _knee_rows(knee: Knee) -> Iterator[tuple[str, str]]:
    if knee.rate is None:
        so_far = f"; {knee.kept:,.0f} requests/s kept it once" if knee.kept else ""
        yield "highest rate", f"none found with p95 ≤ {knee.p95_ms:g} ms: {knee.why}{so_far}"
        return
    least = "at least " if knee.above is None else ""
    beyond = "".join(f"; {said}" for said in (f"{knee.above:,.0f} does not" if knee.above else None, knee.why) if said)
    yield (
        "highest rate",
        f"{least}{knee.rate:,.0f} requests/s keeps p95 ≤ {knee.p95_ms:g} ms with under 1 % failed{beyond}",
    )


def _warnings(work: Work, result: LoadResult) -> Iterator[str]:
    if work.texts.left_out:
        yield f"{work.texts.left_out:,} rows that cannot be read were left out"
    if not result.good:
        yield "no request was answered with 2xx; the figures say nothing about speed"
    if result.saturated:
        yield f"{result.saturated}; the figures may be the generator's and not the service's"
    if result.cached:
        yield f"{result.cached:,} answers came from the service's cache and not from the model"
    if result.waited_for_connection:
        yield f"{result.waited_for_connection:,} requests waited for one of the connections (--connections)"
