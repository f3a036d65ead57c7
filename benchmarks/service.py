"""The service against the usual recipes and against its own engine: same texts, same two cores, one run.

Texts are the flagship's held-out tweets; the load generator runs on the same cores. First every opponent is tried with
each of its settings, and the best one per measure counts. Then all are up and are measured in turns, so that a busy
moment of the machine hits all of them; figures are medians over the turns, ratios are taken within a turn.

    closed loop   1 and 32 clients: requests per second, p50, p95
    open loop     the highest rate that keeps p95 <= 50 ms with fewer than 1 % failed
    ceiling       our engine in process, without HTTP, queue or generator

Writes `benchmarks/results/service.json`. Takes about half an hour; the first run installs the opponents as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import httpx
import numpy as np
from results import write_results
from service_cpu import cpu_seconds
from service_figures import figures_of
from service_opponents import CONTENDERS, CORES, DidNotStart, Setting

from seatrial import load
from seatrial.load.event_loop import in_event_loop
from seatrial.load.knee import probe_seconds

HERE = Path(__file__).parent
ROOT = HERE.parent
CLIENTS = (1, 32)
P95_MS = 50.0
SEED = 17
SEEDS = count(SEED)


@dataclass
class Measured:
    """What came out, by system and measure; one value per turn."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    settings: dict[tuple[str, str], str] = field(default_factory=dict)
    accuracy: dict[str, float] = field(default_factory=dict)
    texts: int = 0

    def add(self, system: str, measure: str, value: float) -> None:
        """One turn's figure."""
        self.values.setdefault((system, measure), []).append(value)


@dataclass(frozen=True)
class Plan:
    """How long everything takes."""

    turns: int
    seconds: float
    trial_seconds: float
    resolution: float
    trial_probes: int
    probes: int
    longest_probe_s: float


FULL = Plan(turns=5, seconds=4.0, trial_seconds=3.0, resolution=0.05, trial_probes=16, probes=30, longest_probe_s=15.0)
QUICK = Plan(turns=1, seconds=1.0, trial_seconds=1.0, resolution=0.5, trial_probes=5, probes=8, longest_probe_s=1.0)


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=Path, default=ROOT / "examples" / "comments" / "release")
    parser.add_argument("--quick", action="store_true", help="short turns and one setting each; nothing is written")
    parser.add_argument("--only", nargs="+", choices=sorted(CONTENDERS), help="besides seatrial; nothing is written")
    parser.add_argument("--turns", type=int, default=FULL.turns, help="measured turns (default %(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the services stop with this process
    plan = QUICK if options.quick else replace(FULL, turns=options.turns)
    systems = [
        "seatrial",
        *(name for name in CONTENDERS if name != "seatrial" and name in (options.only or CONTENDERS)),
    ]
    examples = held_out_tweets(options.release)
    measured = Measured(texts=len(examples))
    best = {name: best_settings(name, options.release, examples, plan, measured) for name in systems}
    with ExitStack() as services, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps([text for text, _ in examples]), encoding="utf-8")
        urls = {
            (name, setting): services.enter_context(CONTENDERS[name].start(options.release, setting))
            for name in systems
            for setting in sorted(set(best[name].values()))
        }
        for name in systems:
            measured.accuracy[name] = accuracy(urls[name, best[name]["rate 32"]], name, examples)
        for turn in range(plan.turns + 1):  # the first warms up and does not count
            into = measured if turn else Measured()
            order = systems[turn % len(systems) :] + systems[: turn % len(systems)]
            one_turn(urls=urls, best=best, systems=order, examples=examples, plan=plan, into=into)
            if turn:
                knees(urls=urls, best=best, systems=order, examples=examples, plan=plan, into=into)
            ceiling(options.release, file, plan, into)
            say(f"turn {turn} of {plan.turns}")
    figures, note = figures_of(measured, {name: CONTENDERS[name].title for name in systems})
    for row in figures:
        say(f"{row['name']:100} {row['value']:9.2f} {row['unit']:5} {row['goal'] or '':8} {row['met']}")
    say(note)
    if not options.quick and not options.only:
        write_results("service", figures, seed=SEED, note=note)


def say(text: str) -> None:
    """Progress, for who waits."""
    print(text, file=sys.stderr, flush=True)


def held_out_tweets(release: Path) -> list[tuple[str, str]]:
    """Text and label of every tweet in the test split of the project that the release belongs to, in a fixed order."""
    found = sorted(release.parent.glob(".seatrial/artifacts/*/test.jsonl"), key=lambda file: file.stat().st_mtime)
    if not found:
        raise SystemExit(f"{release.parent} holds no prepared data: run the project first")
    rows = [json.loads(line) for line in found[-1].read_text(encoding="utf-8").splitlines()]
    tweets = [(row["inputs"]["text"], row["label"]) for row in rows if row["slices"].get("domain") == "tweets"]
    return [tweets[i] for i in np.random.default_rng(SEED).permutation(len(tweets))]


def best_settings(
    name: str, release: Path, examples: Sequence[tuple[str, str]], plan: Plan, measured: Measured
) -> dict[str, Setting]:
    """Measure → the setting that was best at it, from one short try of each."""
    contender = CONTENDERS[name]
    settings = contender.settings[:1] if plan is QUICK else contender.settings
    tried: dict[str, dict[Setting, float]] = {"rate 1": {}, "rate 32": {}, "knee": {}}
    for setting in settings:
        if len(settings) > 1:
            try:
                with contender.start(release, setting) as url:
                    for clients in CLIENTS:
                        result = closed(url, name, examples, clients, plan.trial_seconds)
                        tried[f"rate {clients}"][setting] = result.answers_per_s
                    knee = open_loop_knee(
                        url, name, examples, plan, start=50.0, resolution=0.25, probes=plan.trial_probes
                    )
                    tried["knee"][setting] = highest(knee)
            except DidNotStart as error:
                say(f"{name} [{contender.named(setting)}]: {error}")
                continue
            say(f"{name} [{contender.named(setting)}]: { {measure: one[setting] for measure, one in tried.items()} }")
    best = {measure: max(values, key=lambda s: values[s], default=settings[0]) for measure, values in tried.items()}
    for measure, setting in best.items():
        measured.settings[name, measure] = contender.named(setting)
    return best


def one_turn(
    *,
    urls: Mapping[tuple[str, Setting], str],
    best: Mapping[str, Mapping[str, Setting]],
    systems: Sequence[str],
    examples: Sequence[tuple[str, str]],
    plan: Plan,
    into: Measured,
) -> None:
    """Every system in a closed loop."""
    for clients in CLIENTS:
        for name in systems:
            url = urls[name, best[name][f"rate {clients}"]]
            before = cpu_seconds(url) if name == "seatrial" else None
            result = closed(url, name, examples, clients, plan.seconds)
            into.add(name, f"rate {clients}", result.answers_per_s)
            into.add(name, f"p50 {clients}", result.latency_ms(0.5))
            into.add(name, f"p95 {clients}", result.latency_ms(0.95))
            if before is not None:
                for part, seconds in cpu_seconds(url).items():
                    into.add(name, f"cpu {part} {clients}", (seconds - before[part]) / max(result.good, 1) * 1e3)
                into.add(
                    name, f"cpu generator {clients}", result.cpu_share * result.seconds / max(result.good, 1) * 1e3
                )


def knees(
    *,
    urls: Mapping[tuple[str, Setting], str],
    best: Mapping[str, Mapping[str, Setting]],
    systems: Sequence[str],
    examples: Sequence[tuple[str, str]],
    plan: Plan,
    into: Measured,
) -> None:
    """Every system in an open loop, up to its highest rate."""
    for name in systems:
        start = closed(urls[name, best[name]["knee"]], name, examples, 32, 1.0).answers_per_s / 2
        knee = open_loop_knee(
            urls[name, best[name]["knee"]],
            name,
            examples,
            plan,
            start=start,
            resolution=plan.resolution,
            probes=plan.probes,
        )
        into.add(name, "knee", highest(knee))
        say(f"  {name}: {knee.rate and round(knee.rate)} requests/s, {len(knee.probes)} tries, {knee.why or 'found'}")


def closed(url: str, name: str, examples: Sequence[tuple[str, str]], clients: int, seconds: float) -> load.LoadResult:
    """A closed loop over the texts."""
    sending = load.Sending(protocol=CONTENDERS[name].protocol)
    result = load.run(url, [text for text, _ in examples], clients=clients, duration_s=seconds, sending=sending)
    if result.failed_share > 0.01:
        say(f"  {name}: {100 * result.failed_share:.1f} % failed: {result.statuses} {result.errors}")
    if result.cached:
        raise SystemExit(f"{name} answered from a cache, which measures nothing")
    return result


def open_loop_knee(
    url: str,
    name: str,
    examples: Sequence[tuple[str, str]],
    plan: Plan,
    *,
    start: float,
    resolution: float,
    probes: int,
) -> load.Knee:
    """The highest rate that keeps the bound."""
    texts, sending = [text for text, _ in examples], load.Sending(protocol=CONTENDERS[name].protocol)

    async def search(stop: asyncio.Event) -> load.Knee:
        async def measure(rate: float) -> load.LoadResult:
            seconds = min(probe_seconds(rate), plan.longest_probe_s)
            return await load.open_loop(
                url, texts, rate=rate, duration_s=seconds, seed=next(SEEDS), sending=sending, stop=stop
            )

        return await load.find_knee(
            measure, p95_ms=P95_MS, start_rate=max(1.0, start), resolution=resolution, max_probes=probes
        )

    return in_event_loop(search)


def highest(knee: load.Knee) -> float:
    """The knee; where the search ended before it was confirmed, the highest rate that was kept; else 0."""
    return knee.rate or knee.kept or 0.0


def accuracy(url: str, name: str, examples: Sequence[tuple[str, str]]) -> float:
    """Share of the texts whose label the system finds: the same quality is part of the comparison."""
    contender = CONTENDERS[name]
    with httpx.Client(base_url=url, timeout=30) as client:
        answers = [
            client.post(contender.protocol.path, json=contender.protocol.value("", [text])) for text, _ in examples
        ]
    found = [contender.label(answer.raise_for_status().json()) for answer in answers]
    return float(np.mean([label == given for label, (_, given) in zip(found, examples, strict=True)]))


def ceiling(release: Path, texts: Path, plan: Plan, into: Measured) -> None:
    """Our engine in a process of its own, with the better of two ways to use the cores."""
    results = []
    for threads, callers in ((CORES, 1), (1, CORES)):
        command = [sys.executable, str(HERE / "service_ceiling.py"), str(release), str(texts), str(plan.seconds)]
        done = subprocess.run([*command, str(threads), str(callers)], check=True, stdout=subprocess.PIPE)
        results.append(json.loads(done.stdout))
    into.add("ceiling", "rate 32", max(one["texts_per_s"] for one in results))
    into.add("ceiling", "p50 1", min(one["lone_p50_ms"] for one in results))


if __name__ == "__main__":
    main()
