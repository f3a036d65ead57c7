"""Four times more than the service can bear: honest refusals, answers in time, probes as ever, and soon as before."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial import load
from seatrial.load.event_loop import in_event_loop
from seatrial.load.result import percentile
from seatrial.serve.keys import KeyStore, Scope

from ..timeliness import in_time, timely
from .figures import DEEP, Figures, sized
from .probes import Probed, probing
from .rates import CONTRACT_P95_MS, Bearable
from .service import Service, running

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(1500 if DEEP else 600)]

SECONDS = sized(20, 600)
TIMES = 4  # the knee
DEADLINE_MS = 1000
MOST_PROBE_MS = 50.0
NORMAL = 0.3  # of the knee: what the service has to bear before and after
BEFORE_S, AFTER_S = 3.0, 8.0
BACK_WITHIN_S = 5.0
SMALL_RATE = 10.0  # requests per second of the client whose quota is small
SMALL_QUOTA = 60  # per minute
LEAST_GOODPUT = 0.25  # of the knee: a service that is overloaded must not give up its work


@dataclass(frozen=True)
class Scene:
    """A service, what is sent to it, what it can bear in requests per second, and the keys of two clients."""

    service: Service
    texts: list[str]
    knee: float
    seed: int
    key: str
    small_key: str


@dataclass
class Back:
    """Answers after the overload: when each was due, after the overload's end, and whether it was as it should be."""

    ended_s: float = 0.0
    answers: list[tuple[float, bool]] = field(default_factory=list)

    def hear(self, answer: load.Answer, normal_ms: float) -> None:
        good = answer.status == 200 and (answer.done_s - answer.due_s) * 1e3 <= normal_ms
        self.answers.append((answer.due_s - self.ended_s, good))

    def after_s(self) -> float:
        """The first moment from which a second is normal: at least 95 of 100 answers good and in normal time."""
        answers = sorted(self.answers)
        for start_s, _ in answers:
            second = [good for due_s, good in answers if start_s <= due_s < start_s + 1]
            if sum(second) >= 0.95 * len(second) and start_s + 1 <= answers[-1][0]:
                return start_s
        return math.inf


@dataclass
class Seen:
    """What the phases gave."""

    before: load.LoadResult
    main: load.LoadResult
    small: load.LoadResult
    after: load.LoadResult
    probed: Probed
    back: Back
    normal_ms: float


async def _overload(scene: Scene) -> Seen:
    url, texts, knee, seed, key = scene.service.url, scene.texts, scene.knee, scene.seed, scene.key
    plain = load.Sending(api_key=key)
    hurried = load.Sending(api_key=key, headers=(("X-Request-Timeout-Ms", str(DEADLINE_MS)),))
    before = await load.open_loop(url, texts, rate=NORMAL * knee, duration_s=BEFORE_S, seed=seed, sending=plain)
    normal_ms = max(CONTRACT_P95_MS, 2 * before.latency_ms(0.95))
    back = Back()
    with ExitStack() as watch:
        probed = watch.enter_context(probing(url))
        started_s = time.monotonic()
        main = asyncio.create_task(
            load.open_loop(url, texts, rate=TIMES * knee, duration_s=SECONDS, seed=seed, sending=hurried)
        )
        small = asyncio.create_task(
            load.open_loop(
                url,
                texts,
                rate=SMALL_RATE,
                duration_s=SECONDS,
                seed=seed + 1,
                sending=load.Sending(api_key=scene.small_key, connections=20, headers=hurried.headers),
            )
        )
        await asyncio.sleep(started_s + SECONDS - time.monotonic())
        back.ended_s = time.monotonic()
        ending = asyncio.create_task(asyncio.to_thread(watch.close))
        after = await load.open_loop(
            url,
            texts,
            rate=NORMAL * knee,
            duration_s=AFTER_S,
            seed=seed + 2,
            sending=plain,
            on_answer=lambda answer: back.hear(answer, normal_ms),
        )
        await ending
    return Seen(before, await main, await small, after, probed, back, normal_ms)


def _write(figures: Figures, seen: Seen) -> None:
    main, refusals = seen.main, seen.main.refusals + seen.small.refusals
    others = sum(
        count for run in (main, seen.small) for status, count in run.statuses.items() if status not in {200, 429, 503}
    ) + sum(sum(run.errors.values()) for run in (main, seen.small))
    silent = main.refusals_without_retry_after + seen.small.refusals_without_retry_after
    p99_ms, probe_ms, back_s = main.latency_ms(0.99), seen.probed.percentile_ms(0.99), seen.back.after_s()
    rows = (
        ("ends other than 200, 429 and 503", others, "count", 0, main.due + seen.small.due),
        ("refusals without Retry-After", silent, "count", 0, refusals),
        ("p99 of the admitted", p99_ms, "ms", DEADLINE_MS, main.good),
        ("time until answers are normal again after", back_s, "s", BACK_WITHIN_S, len(seen.back.answers)),
        ("probes missed", len(seen.probed.missed), "count", 0, seen.probed.sent),
        ("p99 of live and ready", probe_ms, "ms", MOST_PROBE_MS, seen.probed.sent),
    )
    for name, value, unit, most, n in rows:
        figures.add(f"{name} under 4x overload", value, unit, goal=f"<= {most:g}", met=value <= most, n=n)


@pytest.fixture
def scene(release: Path, texts: list[str], borne: Bearable, seed: int, tmp_path: Path) -> Iterator[Scene]:
    """The service with two keys, warm."""
    store = KeyStore(tmp_path / "keys.json", create=True)
    _, key = store.add("load", [Scope.PREDICT, Scope.METRICS])
    _, small_key = store.add("small", [Scope.PREDICT], requests_per_minute=SMALL_QUOTA)
    with running(release, keys=store.path, api_key=key) as service:
        load.run(service.url, texts, clients=2, duration_s=1.0, sending=load.Sending(api_key=key))
        yield Scene(service, texts, borne.overloaded_from, seed, key, small_key)


def test_an_overload_is_refused_honestly_and_survived(scene: Scene, figures: Figures) -> None:
    print(f"seed {scene.seed}")
    knee = scene.knee
    seen = in_event_loop(lambda _: _overload(scene))
    refused = scene.service.metric("seatrial_refusals_total")
    main, small, probed = seen.main, seen.small, seen.probed
    for name in ("before", "main", "small", "after"):
        print(name, getattr(seen, name).as_dict())
    refusal_ms = percentile(main.refusal_latencies_ms, 0.99)
    probe_ms = [round(probed.percentile_ms(share), 1) for share in (0.5, 0.95, 0.99, 1.0)]
    print(f"refusals p99 {refusal_ms:.0f} ms; probes p50, p95, p99, max {probe_ms} ms; {probed.missed}")
    print(f"normal again after {seen.back.after_s():.2f} s (p95 within {seen.normal_ms:.0f} ms)")
    _write(figures, seen)

    assert main.refusals > 0, "it was an overload"
    assert set(main.statuses) <= {200, 429, 503}
    assert not main.errors, "every request has an answer"
    assert main.refusals_without_retry_after == 0
    assert refused >= main.refusals + small.refusals, "the service counts what it refuses"

    assert small.statuses.get(429, 0) > 0, "the small quota was used up"
    minutes = max(SECONDS, small.seconds) / 60
    assert small.statuses.get(429, 0) >= small.due - SMALL_QUOTA * (1 + minutes) - small.statuses.get(503, 0)
    assert set(small.statuses) <= {200, 429, 503}
    assert not small.errors
    assert small.refusals_without_retry_after == 0

    assert probed.due > 0
    assert [miss for miss in probed.missed if "timeout" not in miss] == []
    assert set(seen.before.statuses) <= {200, 503}
    assert not seen.before.errors
    assert not seen.after.errors

    timely(main.due > 0.8 * TIMES * knee * SECONDS, f"the load was not there: {main.due} requests")
    timely(main.answers_per_s >= LEAST_GOODPUT * knee, f"{main.answers_per_s:.0f} answers/s of {knee:.0f}")
    in_time(main.latency_ms(0.99), DEADLINE_MS, "p99 of the admitted in ms")
    timely(probed.sent >= 0.95 * probed.due, f"{probed.sent} probes were sent of {probed.due}")
    timely(probed.missed == [], f"probes missed: {probed.missed}")
    in_time(probed.percentile_ms(0.99), MOST_PROBE_MS, "p99 of live and ready in ms")
    timely(seen.before.failed_share == 0, f"refused before it was overloaded: {seen.before.statuses}")
    in_time(min(seen.back.after_s(), AFTER_S), BACK_WITHIN_S, "seconds until answers are normal again")
