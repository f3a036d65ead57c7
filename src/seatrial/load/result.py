"""What a load run measured.

Latency counts from the moment a request should have left, so that a service that stalls cannot hide it by holding back
the requests that would have seen the stall ("coordinated omission", Gil Tene, "How NOT to Measure Latency"; wrk2 counts
the same way).

Refuses to know: how requests were sent, and which figures are good enough.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.load.answers import Answer
from seatrial.load.protocols import version_of

__all__ = ["LoadResult", "Tally", "percentile"]

REFUSALS = (429, 503)
CACHE_HEADERS = ("x-cache", "x-seatrial-cache")
MAX_LAG_MS = 10.0
MAX_LAG_SHARE = 0.25
MAX_CPU_SHARE = 0.9


def percentile(ascending: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank); NaN of none."""
    if not ascending:
        return math.nan
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The figures of one run.

    Attributes:
        loop: ``"open"`` or ``"closed"``.
        rate: requests per second that were to leave; None in a closed loop.
        clients: clients of a closed loop; None in an open one.
        seconds: from the first moment of the schedule to its end, or to the last answer if that came later.
        batch: texts per request.
        due: requests whose moment came.
        sent: of these, requests that left.
        statuses: HTTP status → answers.
        errors: kind → requests without a whole answer (`load.answers.Answer.error`).
        refusals: answers 429 and 503.
        refusals_without_retry_after: of these, without the header that says when to come back.
        versions: model version → good answers that named it.
        cached: good answers that say they came from a cache.
        latencies_ms: of the good answers (2xx), ascending, from the due moment to the last byte.
        refusal_latencies_ms: the same of the refusals.
        lag_p50_ms: how late the generator itself was, from the due moment until it turned to the request.
        lag_p99_ms: the same.
        lag_max_ms: the same.
        cpu_share: share of one core that the generator used.
        waited_for_connection: requests that had to wait because every connection was busy.
        stopped: the run was stopped before its schedule ended.
    """

    loop: str
    rate: float | None
    clients: int | None
    seconds: float
    batch: int
    due: int
    sent: int
    statuses: Mapping[int, int]
    errors: Mapping[str, int]
    refusals: int
    refusals_without_retry_after: int
    versions: Mapping[str, int]
    cached: int
    latencies_ms: Sequence[float] = field(repr=False)
    refusal_latencies_ms: Sequence[float] = field(repr=False)
    lag_p50_ms: float
    lag_p99_ms: float
    lag_max_ms: float
    cpu_share: float
    waited_for_connection: int
    stopped: bool = False

    @property
    def good(self) -> int:
        """Answers 2xx."""
        return len(self.latencies_ms)

    @property
    def answers_per_s(self) -> float:
        """Good answers per second."""
        return self.good / self.seconds if self.seconds else 0.0

    @property
    def failed_share(self) -> float:
        """Share of the requests that were due and got no good answer: refusals, other statuses and errors."""
        return 1 - self.good / self.due if self.due else 0.0

    @property
    def saturated(self) -> str | None:
        """Why the generator, and not the service, may be what the figures show; None when it kept up.

        On a shared machine a service that is overloaded makes the generator a little late as well; that counts once it
        explains a good part of the latencies.
        """
        allowed_ms = max(MAX_LAG_MS, MAX_LAG_SHARE * self.latency_ms(0.95)) if self.good else MAX_LAG_MS
        if self.lag_p99_ms > allowed_ms:
            return f"the generator was {self.lag_p99_ms:.1f} ms late (p99), more than {allowed_ms:.0f} ms"
        if self.cpu_share > MAX_CPU_SHARE:
            return f"the generator used {100 * self.cpu_share:.0f} % of a core"
        return None

    def latency_ms(self, share: float) -> float:
        """A percentile of the good answers' latency, for example 0.95; NaN without any."""
        return percentile(self.latencies_ms, share)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form, without the single latencies."""
        return {
            "loop": self.loop,
            "rate": self.rate,
            "clients": self.clients,
            "seconds": round(self.seconds, 3),
            "batch": self.batch,
            "due": self.due,
            "sent": self.sent,
            "good": self.good,
            "answers_per_s": round(self.answers_per_s, 2),
            "texts_per_s": round(self.answers_per_s * self.batch, 2),
            **{f"p{100 * share:g}_ms": round(self.latency_ms(share), 3) for share in (0.5, 0.9, 0.95, 0.99)},
            "max_ms": round(self.latency_ms(1.0), 3),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "errors": dict(self.errors),
            "refusals": self.refusals,
            "refusals_without_retry_after": self.refusals_without_retry_after,
            "versions": dict(self.versions),
            "cached": self.cached,
            "lag_p50_ms": round(self.lag_p50_ms, 3),
            "lag_p99_ms": round(self.lag_p99_ms, 3),
            "lag_max_ms": round(self.lag_max_ms, 3),
            "cpu_share": round(self.cpu_share, 3),
            "waited_for_connection": self.waited_for_connection,
            "saturated": self.saturated,
            "stopped": self.stopped,
        }


class Tally:
    """Counts while a run goes on; cheap, as it is called for every request."""

    def __init__(self) -> None:
        self.latencies_ms = array("d")
        self._refusal_latencies_ms = array("d")
        self._lags_ms = array("d")
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()
        self._without_retry_after = 0
        self._cached = 0
        self._sent = 0
        self.last_answer_s = 0.0

    def due(self, lag_s: float) -> None:
        """The generator turned to a request, this much after its moment."""
        self._lags_ms.append(lag_s * 1e3)

    def ended(self, answer: Answer) -> None:
        """A request came to its end."""
        if answer.sent_s is not None:
            self._sent += 1
        reply = answer.reply
        if reply is None:
            self.errors[answer.error or "closed"] += 1
            return
        self.statuses[answer.status] += 1
        self.last_answer_s = answer.done_s
        latency_ms = (answer.done_s - answer.due_s) * 1e3
        if 200 <= answer.status < 300:
            self.latencies_ms.append(latency_ms)
            version = version_of(reply)
            if version is not None:
                self._versions[version] += 1
            if any((reply.header(name) or "").startswith("hit") for name in CACHE_HEADERS):
                self._cached += 1
        elif answer.status in REFUSALS:
            self._refusal_latencies_ms.append(latency_ms)
            self._without_retry_after += reply.header("retry-after") is None

    def result(
        self,
        *,
        rate: float | None,
        clients: int | None,
        seconds: float,
        batch: int,
        cpu_share: float,
        waited: int,
        stopped: bool,
    ) -> LoadResult:
        """The figures so far."""
        lags = sorted(self._lags_ms)
        return LoadResult(
            loop="open" if clients is None else "closed",
            rate=rate,
            clients=clients,
            seconds=seconds,
            batch=batch,
            due=len(lags),
            sent=self._sent,
            statuses=dict(self.statuses),
            errors=dict(self.errors),
            refusals=sum(self.statuses[status] for status in REFUSALS),
            refusals_without_retry_after=self._without_retry_after,
            versions=dict(self._versions),
            cached=self._cached,
            latencies_ms=array("d", sorted(self.latencies_ms)),
            refusal_latencies_ms=array("d", sorted(self._refusal_latencies_ms)),
            lag_p50_ms=percentile(lags, 0.5),
            lag_p99_ms=percentile(lags, 0.99),
            lag_max_ms=percentile(lags, 1.0),
            cpu_share=cpu_share,
            waited_for_connection=waited,
            stopped=stopped,
        )
