"""The engine called in process, without HTTP, queue or generator: the ceiling that the service is measured against.

Run as a process of its own, so that nothing of the benchmark shares its interpreter; one JSON object on stdout:

    python benchmarks/service_ceiling.py RELEASE TEXTS.json SECONDS THREADS CALLERS

`texts_per_s`: tokenizing, computing and describing batches of 32 texts sorted by length, from CALLERS threads with
THREADS threads per model run. `lone_p50_ms`: the same for one text at a time, from one thread.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from seatrial.export.release import load_release
from seatrial.serve.engine import Engine

__all__ = ["lone_ms", "throughput"]

BATCH = 32
WARM_UP_S = 0.5


def answer(engine: Engine, texts: Sequence[str]) -> None:
    """All that a service does for a batch, apart from carrying it."""
    for row in engine.outputs(engine.tokenize(texts)):
        engine.describe(row, "")


def throughput(engine: Engine, texts: Sequence[str], seconds: float, callers: int) -> float:
    """Texts per second in batches sorted by length; every caller goes through all of them, from another place on."""
    ordered = sorted(texts, key=len)
    batches = [ordered[i : i + BATCH] for i in range(0, len(ordered), BATCH)]
    counts = [0] * callers
    end = time.perf_counter() + seconds

    def work(caller: int) -> None:
        place = caller * len(batches) // callers
        while time.perf_counter() < end:
            batch = batches[place % len(batches)]
            answer(engine, batch)
            counts[caller] += len(batch)
            place += 1

    threads = [threading.Thread(target=work, args=(caller,)) for caller in range(callers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def lone_ms(engine: Engine, texts: Sequence[str], seconds: float) -> list[float]:
    """Milliseconds per text, one at a time, in turn."""
    times_ms: list[float] = []
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        answer(engine, [texts[len(times_ms) % len(texts)]])
        times_ms.append((time.perf_counter() - started) * 1e3)
    return times_ms


def main() -> None:
    """Measure one setting."""
    release, file, seconds, threads, callers = sys.argv[1:]
    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    engine = Engine(load_release(Path(release)), int(threads))
    engine.warm_up()
    throughput(engine, texts, WARM_UP_S, int(callers))
    result = {
        "texts_per_s": throughput(engine, texts, float(seconds), int(callers)),
        "lone_p50_ms": statistics.median(lone_ms(engine, texts, float(seconds))),
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
