"""Releases swapped under load, some of them broken: nobody notices but by the version that an answer names.

Every answer has to be the golden one of the version that it names, and that has to be a version that was current while
the request was under way. A broken release is refused, and the one before goes on.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import pytest

from seatrial import load
from seatrial.load.event_loop import in_event_loop
from seatrial.serve.keys import KeyStore, Scope

from ..timeliness import in_time, timely
from .figures import Figures, sized
from .ledger import End, Ledger
from .service import Service, running, wait_until
from .versions import BREAKS, Version, broken, place

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(900, 2400))]

SWAPS = sized(40, 400)
BROKEN_SHARE = 4  # one in so many
TRIGGERS = ("SIGHUP", "route", "watch")
"""In turn; the last needs a service that watches by itself, so two services share the swaps."""
WATCH_S = 0.2
CLIENTS, RATE = 4, 30.0
WITHIN_S = 30.0
GIVE_UP_S = 60.0
LOGGED_WITHIN_S = 20.0
"""The log is written by a thread of its own."""
BETWEEN_S = (0.0, 0.3)
RETIRED_WITHIN_S = 2.0


@dataclass(frozen=True)
class Step:
    """One swap: how the service learns of it, and how the release is broken, if it is."""

    trigger: str
    spoilt: str | None


@dataclass(frozen=True)
class Period:
    """From `since_s` to `until_s` the service had `version` and nothing new had been placed."""

    since_s: float
    until_s: float
    version: str


@dataclass
class Seen:
    """What the swaps gave."""

    swap_s: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unrefused: list[str] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)


def plan(rng: random.Random) -> list[Step]:
    """The swaps in turn of their triggers, a quarter of them broken, at places of chance; the first is sound."""
    spoilt = set(rng.sample(range(1, SWAPS), SWAPS // BROKEN_SHARE))
    steps, seen = [], Counter[bool]()
    for number in range(SWAPS):
        trigger = TRIGGERS[number % len(TRIGGERS)]
        watched = trigger == "watch"
        steps.append(Step(trigger, broken(seen[watched], watched=watched) if number in spoilt else None))
        seen[watched] += number in spoilt
    return steps


class Swapper:
    """Swaps the release of a service that watches or does not, one after the other.

    Args:
        service: the service.
        live: the folder that it serves.
        versions: what to place there; the first is there already.
        rng: chooses the next version.

    Attributes:
        service: the service.
        seen: what was found so far.
    """

    def __init__(self, service: Service, live: Path, versions: list[Version], rng: random.Random) -> None:
        self.service, self.seen = service, Seen()
        self._live, self._rng = live, rng
        self._versions, self._now = versions, versions[0]
        self._since_s = time.monotonic()

    def swap(self, step: Step) -> None:
        """Place a release, let the service know, and see what it makes of it."""
        version = self._rng.choice([version for version in self._versions if version is not self._now])
        outcome = "refused" if step.spoilt else "swapped"
        before = self._counted(outcome)
        warnings = self._warnings()
        placed_s = time.monotonic()
        self.seen.periods.append(Period(self._since_s, placed_s, self._now.name))
        place(version, self._live, BREAKS[step.spoilt] if step.spoilt else None)
        if step.trigger == "SIGHUP":
            self.service.end(signal.SIGHUP)
        elif step.trigger == "route":
            self._ask_for_it(outcome)
        took_s = wait_until(lambda: self._counted(outcome) == before + 1, within_s=GIVE_UP_S)
        self._since_s = time.monotonic()
        if step.spoilt is None:
            self._now = version
            self.seen.swap_s.append(took_s)
        elif (
            took_s <= GIVE_UP_S
            and wait_until(lambda: self._warnings() == warnings + 1, within_s=LOGGED_WITHIN_S) <= LOGGED_WITHIN_S
        ):
            self.seen.refused[step.spoilt] += 1
        else:
            self.seen.unrefused.append(f"{step} after {took_s} s")
        assert self._answering() == self._now.name, f"after {step}"

    def finish(self) -> None:
        """The last version is served until now."""
        self.seen.periods.append(Period(self._since_s, time.monotonic(), self._now.name))

    def _counted(self, outcome: str) -> float:
        return self.service.metric("seatrial_reloads_total", outcome=outcome)

    def _warnings(self) -> int:
        return self.service.times_said("refused the new release")

    def _ask_for_it(self, outcome: str) -> None:
        status, body = self.service.ask("POST", "/v1/admin/reload", timeout_s=GIVE_UP_S)
        told = json.loads(body)["models"]
        assert (status, [model["outcome"] for model in told]) == (409 if outcome == "refused" else 200, [outcome])

    def _answering(self) -> str:
        status, body = self.service.ask("POST", "/v1/predict", {"inputs": "Which are you?"})
        assert status == 200
        return str(json.loads(body)["version"])


async def under_load(ledger: Ledger, url: str, seed: int, sending: load.Sending, work: Callable[[], None]) -> None:
    """Do something in a thread while clients ask."""
    stop = asyncio.Event()
    common = {"duration_s": 3600.0, "sending": sending, "on_answer": ledger.hear, "stop": stop}
    async with asyncio.TaskGroup() as group:
        group.create_task(load.closed_loop(url, ledger.texts, clients=CLIENTS, **common))  # type: ignore[arg-type]
        group.create_task(load.open_loop(url, ledger.texts, rate=RATE, seed=seed, **common))  # type: ignore[arg-type]
        try:
            await asyncio.to_thread(work)
        finally:
            stop.set()


def untimely(ends: list[End], periods: list[Period]) -> list[str]:
    """Answers by a version that was not current at any time of the request."""
    found, current = [], 0
    for end in sorted((end for end in ends if end.sent_s is not None), key=lambda end: end.sent_s or 0):
        assert end.sent_s is not None
        while current + 1 < len(periods) and periods[current + 1].since_s <= end.sent_s:
            current += 1
        period = periods[current]
        if period.since_s <= end.sent_s and end.done_s <= period.until_s and end.version != period.version:
            found.append(f"{end} within {period}")
    return found


def swaps(swapper: Swapper, steps: list[Step], ledger: Ledger, rng: random.Random) -> Seen:
    """All the swaps of one service."""
    service, seen = swapper.service, swapper.seen
    sending = load.Sending(api_key=service.api_key)

    def work() -> None:
        time.sleep(1.0)
        seen.resident_mb.append(service.resident_mb)
        for step in steps:
            swapper.swap(step)
            time.sleep(rng.uniform(*BETWEEN_S))
        time.sleep(RETIRED_WITHIN_S)
        seen.resident_mb.append(service.resident_mb)
        swapper.finish()

    in_event_loop(lambda _: under_load(ledger, service.url, rng.randrange(1000), sending, work))
    return seen


def report(seen: list[Seen], ledgers: list[Ledger], late: list[str], model_mb: float, figures: Figures) -> float:
    """Print and write down the figures; gives the growth of memory in 10⁶ bytes."""
    times = [took_s for part in seen for took_s in part.swap_s]
    growth_mb = max(part.resident_mb[-1] - part.resident_mb[0] for part in seen)
    failed = [end for ledger in ledgers for end in ledger.failed if end.error != "stopped"]
    wrong = [fault for ledger in ledgers for fault in ledger.wrong] + late
    sent = sum(len(ledger.ends) for ledger in ledgers)
    good = sum(len(ledger.good) for ledger in ledgers)
    print(f"{[ledger.kinds() for ledger in ledgers]}; refused {[dict(part.refused) for part in seen]}")
    print(f"a swap took {statistics.median(times):.2f} s, at most {max(times):.2f} s")
    print(f"resident memory in MB: {[part.resident_mb for part in seen]}; the model's file: {model_mb:.1f} MB")
    print(f"failed {failed[:5]}, wrong {wrong[:5]}")
    for name, value, unit, most, n in (
        ("requests failed during swaps", len(failed), "count", 0, sent),
        ("answers that are not their version's golden ones", len(wrong), "count", 0, good),
        ("broken releases not refused", sum(len(part.unrefused) for part in seen), "count", 0, SWAPS // BROKEN_SHARE),
        ("growth of resident memory over the swaps", growth_mb, "MB", model_mb, SWAPS),
        ("time from a placed release to its first answers, longest", max(times), "s", WITHIN_S, len(times)),
    ):
        figures.add(name, value, unit, goal=f"<= {most:.3g}", met=value <= most, n=n)
    return growth_mb


def test_swaps_are_noticed_by_their_version_only(
    versions: list[Version], known: list[str], figures: Figures, seed: int, tmp_path: Path
) -> None:
    print(f"seed {seed}")
    folder = Path(mkdtemp(dir=tmp_path))
    rng, steps = random.Random(seed), plan(random.Random(seed))
    store = KeyStore(folder / "keys.json", create=True)
    _, key = store.add("load", [Scope.PREDICT, Scope.METRICS, Scope.ADMIN])
    golden = {version.name: version.golden for version in versions}
    parts: list[Seen] = []
    ledgers: list[Ledger] = []
    for watch_s, triggers in ((0.0, TRIGGERS[:2]), (WATCH_S, TRIGGERS[2:])):
        live, ledger = folder / triggers[0] / "release", Ledger(known, golden)
        place(versions[0], live)
        own = [step for step in steps if step.trigger in triggers]
        with running(live, keys=store.path, api_key=key, watch_s=watch_s) as service:
            pid = service.serving_pid
            parts.append(swaps(Swapper(service, live, versions, rng), own, ledger, rng))
            assert service.serving_pid == pid, "the same process serves"
        ledgers.append(ledger)
    late = [fault for part, ledger in zip(parts, ledgers, strict=True) for fault in untimely(ledger.good, part.periods)]
    model_mb = versions[0].model_mb
    growth_mb = report(parts, ledgers, late, model_mb, figures)

    assert sum(len(part.swap_s) for part in parts) == SWAPS - SWAPS // BROKEN_SHARE
    refused = sum((part.refused for part in parts), Counter[str]())
    assert refused.total() == SWAPS // BROKEN_SHARE > 0, [part.unrefused for part in parts]
    assert SWAPS < 40 or set(refused) == set(BREAKS), "releases broken in every way were placed"
    for part, ledger in zip(parts, ledgers, strict=True):
        answering = {end.version for end in ledger.good}
        assert answering == {period.version for period in part.periods}, "every version answered"
        assert len(answering) > 1
        assert [end for end in ledger.failed if end.error != "stopped" and end.status != 503] == []
        assert ledger.wrong == []
    assert late == []
    refusals = [end for ledger in ledgers for end in ledger.failed if end.status == 503]
    timely(refusals == [], f"too busy for {len(refusals)} requests: {refusals[:5]}")
    in_time(max(took_s for part in parts for took_s in part.swap_s), WITHIN_S, "seconds of a swap")
    timely(growth_mb <= model_mb, f"memory grew by {growth_mb:.1f} MB")
