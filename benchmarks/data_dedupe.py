"""De-duplication: what it finds against brute force, how fast beside datasketch, and how its cost grows.

    python benchmarks/data_dedupe.py [--rows N] [--pairs N] [--large N] [--seed N] [--out FOLDER]

Quality: real comments of the flagship, and for every second one a copy with one to three words exchanged, added or
taken away; all pairs are compared by brute force. Speed: the same texts in one process each, from texts to clusters,
datasketch in an environment of its own; both three times, in turns, of which the middle counts. Growth: the command
line on a tenth of a corpus and on the whole, see `data_corpus.py`.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from data_corpus import comments, corpus, perturbed, write_corpus
from data_environments import python_of
from data_results import data_parser, write_part
from data_running import run_measured
from results import figure

from seatrial.data.dedupe import near_clusters
from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.shingles import shingle_sets

THRESHOLD = 0.8
REPEATS = 3
MAX_MB = 2000
MAX_GROWTH = 11
HERE = Path(__file__).parent


def quality(texts: int, seed: int) -> list[dict[str, Any]]:
    """Recall and precision of pairs against brute force."""
    rng = random.Random(seed)
    real = rng.sample(comments(), texts)
    copies = [perturbed(text, rng, rng.choice(real).split()) for text in real[::2]]
    everything = [*real, *copies]
    found = near_clusters(everything, THRESHOLD)
    near = _brute_force(everything)
    joined = {pair for cluster in found for pair in combinations(cluster, 2)}
    through_others = _closure(near, len(everything))
    recall = len(near & joined) / len(near)
    precision = len(joined & through_others) / len(joined)
    direct = len(joined & near) / len(joined)
    n = len(everything)
    return [
        figure(f"recall of pairs at Jaccard {THRESHOLD}", recall, "share", goal=">= 0.95", met=recall >= 0.95, n=n),
        figure(f"precision of clusters at Jaccard {THRESHOLD}", precision, "share", goal=">= 0.95",
               met=precision >= 0.95, n=n),
        figure("pairs within a cluster that are near copies themselves, not through others", direct, "share", n=n),
        figure("pairs that brute force finds", len(near), "pairs", n=n),
    ]  # fmt: skip


def speed(texts: int, seed: int) -> list[dict[str, Any]]:
    """Near duplicates, ours and datasketch's, in one process each."""
    given = list(corpus(texts, seed))
    near_clusters(given[:100], THRESHOLD)  # the table of letters is made once per process
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPEATS):
        started = time.process_time()
        found = near_clusters(given, THRESHOLD)
        ours.append(time.process_time() - started)
        answer = _datasketch(given)
        theirs.append(answer["seconds"])
    same = {tuple(cluster) for cluster in found} & {tuple(cluster) for cluster in answer["clusters"]}
    ratios = sorted(their / our for our, their in zip(ours, theirs, strict=True))
    ratio = statistics.median(ratios)
    opponent = "datasketch 2.0.0 with xxHash, same bands and verification"
    shared = len(same) / max(1, len(found))
    return [
        figure("speed, texts to clusters, one core", ratio, "x", goal=">= 5", met=ratio >= 5, opponent=opponent,
               interval=(ratios[0], ratios[-1]), n=texts),
        figure("time, one core", statistics.median(ours), "s", n=texts),
        figure("time of datasketch, one core", statistics.median(theirs), "s", n=texts),
        figure("clusters that datasketch finds too", shared, "share", opponent=opponent, n=len(found)),
    ]  # fmt: skip


def growth(rows: int, seed: int) -> list[dict[str, Any]]:
    """The command line on a tenth and on the whole: processor time, rows per second and core, memory."""
    folder = HERE / ".venvs" / "corpora"
    folder.mkdir(parents=True, exist_ok=True)
    costs = []
    for size in (rows // 10, rows):
        file = write_corpus(folder / f"{size}-{seed}.jsonl", size, seed)
        with tempfile.TemporaryDirectory(dir=folder) as out:
            command = [
                str(Path(sys.executable).with_name("seatrial")),
                "data",
                "dedupe",
                str(file),
                "--out",
                f"{out}/out.jsonl",
            ]
            costs.append(run_measured(command, HERE))
    ratio = costs[1].cpu_s / costs[0].cpu_s
    peak = costs[1].peak_mb
    return [
        figure(f"processor time from {rows // 10:,} to {rows:,} rows", ratio, "x", goal=f"<= {MAX_GROWTH}",
               met=ratio <= MAX_GROWTH, n=rows),
        figure("peak memory, all processes", peak, "MB", goal=f"<= {MAX_MB}", met=peak <= MAX_MB, n=rows),
        figure("rows per second and core, exact and near, file to file", rows / costs[1].cpu_s, "rows/s", n=rows),
        figure("time, all cores", costs[1].seconds, "s", n=rows),
    ]  # fmt: skip


def _brute_force(texts: Sequence[str]) -> set[tuple[int, int]]:
    """All pairs at the threshold: the number of shared shingles of each text with all others."""
    sets = shingle_sets([normalized(text) for text in texts])
    sizes = sets.sizes
    ids, columns = np.unique(sets.values, return_inverse=True)
    owners = np.repeat(np.arange(len(texts)), sizes)
    order = np.argsort(columns, kind="stable")
    starts = np.searchsorted(columns[order], np.arange(len(ids) + 1))
    near: set[tuple[int, int]] = set()
    for text in range(len(texts)):
        mine = columns[sets.starts[text] : sets.starts[text + 1]]
        sharing = np.concatenate([owners[order[starts[c] : starts[c + 1]]] for c in mine])
        shared = np.bincount(sharing, minlength=len(texts))
        alike = np.flatnonzero(shared >= THRESHOLD * (sizes + sizes[text] - shared))
        near |= {(text, int(other)) for other in alike if other > text}
    return near


def _closure(pairs: set[tuple[int, int]], texts: int) -> set[tuple[int, int]]:
    """All pairs that are joined directly or through others."""
    clusters = {place: {place} for place in range(texts)}
    for left, right in pairs:
        if clusters[left] is not clusters[right]:
            clusters[left] |= clusters[right]
            for member in clusters[right]:
                clusters[member] = clusters[left]
    distinct = {id(members): sorted(members) for members in clusters.values() if len(members) > 1}
    return {pair for members in distinct.values() for pair in combinations(members, 2)}


def _datasketch(texts: Sequence[str]) -> dict[str, Any]:
    command = [str(python_of("datasketch")), str(HERE / "data_datasketch.py")]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"datasketch failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Measure and write this part of `data.json`."""
    parser = data_parser(__doc__, rows=100_000)
    parser.add_argument("--pairs", type=int, default=5000, help="real texts for brute force (default 5,000)")
    parser.add_argument("--large", type=int, default=1_000_000, help="rows for growth; 0 to leave it out")
    options = parser.parse_args()
    rows = quality(options.pairs, options.seed) + speed(options.rows, options.seed)
    if options.large:
        rows += growth(options.large, options.seed)
    print(write_part("near duplicates", rows, seed=options.seed, folder=options.out))


if __name__ == "__main__":
    main()
