"""Serving, closed loop: a release against the usual recipes, on the same texts, in one run, on the same cores.

Every service is up during the whole run and is measured in turns, so that a busy moment of the machine hits all of
them; figures are medians over the turns. Each opponent is tried with every number of threads and counts with its best.
Writes `benchmarks/results/serving.json`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
from results import figure, write_results

from seatrial.artifact.machine import cpu_count
from seatrial.serve.latency import running_service

HERE = Path(__file__).parent
ROOT = HERE.parent
CLIENTS = (1, 32)
GOALS = {("pipeline", 1): 5.0, ("pipeline", 32): 4.0}
NAMES = {
    "pipeline": "FastAPI + transformers.pipeline, PyTorch fp32",
    "onnx": "FastAPI + onnxruntime fp32, unbatched",
}
TEXTS = 500
SEED = 17
Turn = tuple[float, float, float]  # answers per second, p50 and p95 in ms


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=Path, default=ROOT / "examples" / "comments" / "release")
    parser.add_argument("--texts", type=Path, help="one JSON object with a `text` or `inputs.text` per line")
    parser.add_argument("--quick", action="store_true", help="short turns, nothing is written")
    options = parser.parse_args()
    turns, seconds = (2, 1.0) if options.quick else (7, 4.0)
    texts = load_texts(options.texts or newest_test_split(options.release))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as services:
        bodies = Path(folder) / "bodies.json"
        bodies.write_text(json.dumps([{"inputs": text} for text in texts]), encoding="utf-8")
        ports = start_all(services, options.release, Path(folder))
        measured = measure(ports, bodies, turns=turns, seconds=seconds)
    figures = figures_of(measured)
    for row in figures:
        print(f"{row['name']:70} {row['value']:8.2f} {row['unit']:4} {row['goal'] or ''}", file=sys.stderr)
    if not options.quick:
        write_results("serving", figures, seed=SEED)


def newest_test_split(release: Path) -> Path:
    """The held-out texts of the project that the release belongs to."""
    found = sorted(release.parent.glob(".seatrial/artifacts/*/test.jsonl"), key=lambda file: file.stat().st_mtime)
    if not found:
        raise SystemExit(f"{release.parent} holds no prepared data: run the project first, or give --texts FILE.jsonl")
    return found[-1]


def load_texts(file: Path) -> list[str]:
    """A fixed random choice of texts from a JSONL file."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [row["inputs"]["text"] if "inputs" in row else row["text"] for row in rows]
    chosen = np.random.default_rng(SEED).permutation(len(texts))[:TEXTS]
    return [texts[i] for i in chosen]


def start_all(services: ExitStack, release: Path, work: Path) -> dict[tuple[str, int], int]:
    """Every service with every number of threads: (system, threads) → port. Ours has the machine's cores."""
    from seatrial.export.onnx import export_onnx

    cores = cpu_count()
    fp32 = work / "fp32"
    (fp32 / "onnx").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json"):
        (fp32 / name).write_bytes((release / name).read_bytes())
    export_onnx(release, fp32 / "onnx" / "model.onnx")
    url = services.enter_context(running_service(release, threads=cores))
    ports = {("ours", cores): urlsplit(url).port or 0}
    for threads in sorted({1, cores}):
        for system, folder in (("pipeline", release), ("onnx", fp32)):
            ports[system, threads] = services.enter_context(opponent(system, folder, threads))
    return ports


@contextmanager
def opponent(system: str, folder: Path, threads: int) -> Iterator[int]:
    """An opponent as a child process; gives its port once it answers, and never leaves the child behind."""
    command = [sys.executable, str(HERE / "serving_opponents.py"), system, str(folder), str(threads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            wait_until_it_answers(f"http://127.0.0.1:{port}/v1/predict")
            yield port
        finally:
            child.kill()


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.post(url, json={"inputs": "hello"}, timeout=30).raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def measure(
    ports: Mapping[tuple[str, int], int], bodies: Path, *, turns: int, seconds: float
) -> dict[tuple[str, int, int], list[Turn]]:
    """(system, threads, clients) → one result per turn. The first turn warms up and does not count."""
    measured: dict[tuple[str, int, int], list[Turn]] = {}
    for turn in range(turns + 1):
        for (system, threads), port in ports.items():
            for clients in CLIENTS:
                result = load(port, bodies, clients, seconds if turn else 1.0)
                if turn:
                    measured.setdefault((system, threads, clients), []).append(result)
        print(f"turn {turn} of {turns}", file=sys.stderr, flush=True)
    return measured


def load(port: int, bodies: Path, clients: int, seconds: float) -> Turn:
    """One turn, from a process of its own."""
    command = [sys.executable, str(HERE / "closed_loop.py"), str(port), "/v1/predict", str(bodies)]
    done = subprocess.run([*command, str(clients), str(seconds)], check=True, stdout=subprocess.PIPE)
    result = json.loads(done.stdout)
    p50, p95 = np.percentile(result["latencies_ms"], [50, 95])
    return result["answers"] / result["seconds"], float(p50), float(p95)


def figures_of(measured: Mapping[tuple[str, int, int], Sequence[Turn]]) -> list[dict[str, Any]]:
    """Rates and latencies of every system at its best setting, and the ratios to each opponent."""
    figures = []
    best: dict[tuple[str, int], Sequence[Turn]] = {}
    for (system, _, clients), turns in measured.items():
        known = best.get((system, clients))
        if known is None or median(turns, 0) > median(known, 0):
            best[system, clients] = turns
    for (system, clients), turns in best.items():
        where = f"{NAMES.get(system, 'seatrial serve')}, {clients} client{'s'[: clients > 1]}"
        for column, (name, unit) in enumerate((("rate", "1/s"), ("p50", "ms"), ("p95", "ms"))):
            figures.append(figure(f"{name}: {where}", round(median(turns, column), 2), unit, n=len(turns)))
    for (system, clients), turns in best.items():
        if system == "ours":
            continue
        ratios = [ours[0] / theirs[0] for ours, theirs in zip(best["ours", clients], turns, strict=True)]
        ratio, goal = statistics.median(ratios), GOALS.get((system, clients))
        figures.append(
            figure(
                f"requests/s at {clients} client{'s'[: clients > 1]}, ratio to the {system} service",
                round(ratio, 2),
                "x",
                goal=None if goal is None else f">= {goal:g}",
                met=None if goal is None else ratio >= goal,
                opponent=NAMES[system],
                interval=[round(min(ratios), 2), round(max(ratios), 2)],
                n=len(ratios),
            )
        )
    return figures


def median(turns: Sequence[Turn], column: int) -> float:
    """Over the turns of one system."""
    return statistics.median(turn[column] for turn in turns)


if __name__ == "__main__":
    main()
