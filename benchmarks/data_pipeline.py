"""A large corpus cleaned, de-duplicated and redacted through the command line; redaction beside Presidio.

    python benchmarks/data_pipeline.py [--rows N] [--texts N] [--seed N] [--out FOLDER]

Three commands, each from file to file: `data clean` with the usual steps, `data dedupe` for exact and near copies, and
`data clean` with the step `redact` on what is left. Rows per second and core are rows of the corpus over the processor
time of all three. Presidio looks for the same entities, one process each, three times in turns; the middle counts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from data_corpus import corpus, write_corpus
from data_environments import python_of
from data_results import data_parser, write_part
from data_running import Cost, run_measured
from results import figure

from seatrial.data.clean.base import Changed
from seatrial.data.redact.step import Redact

HERE = Path(__file__).parent
MAX_MB = 2000
REPEATS = 3
ENTITIES = ["email", "phone", "url", "ip", "card", "iban", "us-ssn"]
STEPS = ("unescape-html", "normalize-space", "drop-empty")


def pipeline(rows: int, seed: int) -> list[dict[str, Any]]:
    """The three commands, one after the other."""
    folder = HERE / ".venvs" / "corpora"
    folder.mkdir(parents=True, exist_ok=True)
    file = write_corpus(folder / f"{rows}-{seed}.jsonl", rows, seed)
    seatrial = str(Path(sys.executable).with_name("seatrial"))
    redact = "redact: " + json.dumps({"entities": ENTITIES, "languages": ["en"], "regions": ["US"]})
    with tempfile.TemporaryDirectory(dir=folder) as out:
        cleaned, distinct, redacted = (f"{out}/{name}.jsonl" for name in ("cleaned", "distinct", "redacted"))
        steps = [word for step in STEPS for word in ("--step", step)]
        commands = {
            "cleaning": [seatrial, "data", "clean", str(file), "--out", cleaned, *steps, "--json"],
            "exact and near de-duplication": [seatrial, "data", "dedupe", cleaned, "--out", distinct, "--json"],
            "redaction": [seatrial, "data", "clean", distinct, "--out", redacted, "--step", redact, "--json"],
        }
        costs: dict[str, Cost] = {}
        for name, command in commands.items():
            print(name, flush=True)
            costs[name] = run_measured(command, HERE)
    cpu_s = sum(cost.cpu_s for cost in costs.values())
    peak = max(cost.peak_mb for cost in costs.values())
    return [
        figure("rows per second and core, cleaned, de-duplicated and redacted", rows / cpu_s, "rows/s", n=rows),
        figure("peak memory, all processes", peak, "MB", goal=f"<= {MAX_MB}", met=peak <= MAX_MB, n=rows),
        figure("time, all cores", sum(cost.seconds for cost in costs.values()), "s", n=rows),
        *(figure(f"processor time of {name}", cost.cpu_s, "s", n=rows) for name, cost in costs.items()),
        *(figure(f"peak memory of {name}", cost.peak_mb, "MB", n=rows) for name, cost in costs.items()),
    ]


def redaction(texts: int, seed: int) -> list[dict[str, Any]]:
    """Masks for the same entities, ours and Presidio's."""
    given = list(islice(corpus(texts, seed), texts))
    step = Redact(entities=ENTITIES, languages=["en"], regions=["US"])
    step("warm up: a@example.org")
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPEATS):
        started = time.process_time()
        changed = [isinstance(step(text), Changed) for text in given]
        ours.append(time.process_time() - started)
        answer = _presidio(given)
        theirs.append(answer["seconds"])
    ratios = sorted(their / our for our, their in zip(ours, theirs, strict=True))
    ratio = statistics.median(ratios)
    alike = sum(mine == other for mine, other in zip(changed, answer["changed"], strict=True)) / texts
    opponent = "Presidio 2.2.366, pattern recognisers of the same entities"
    return [
        figure("redaction speed, one core", ratio, "x", goal=">= 10", met=ratio >= 10, opponent=opponent,
               interval=(ratios[0], ratios[-1]), n=texts),
        figure("texts per second and core, redaction alone", texts / statistics.median(ours), "texts/s", n=texts),
        figure("texts that both change or both leave", alike, "share", opponent=opponent, n=texts),
    ]  # fmt: skip


def _presidio(texts: Sequence[str]) -> dict[str, Any]:
    command = [str(python_of("presidio")), str(HERE / "data_presidio.py")]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"presidio failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Measure and write this part of `data.json`."""
    parser = data_parser(__doc__, rows=1_000_000)
    parser.add_argument("--texts", type=int, default=20_000, help="texts beside Presidio (default 20,000)")
    options = parser.parse_args()
    rows = redaction(options.texts, options.seed) + pipeline(options.rows, options.seed)
    print(write_part("pipeline", rows, seed=options.seed, folder=options.out))


if __name__ == "__main__":
    main()
