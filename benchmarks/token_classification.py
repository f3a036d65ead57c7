"""Names in Chinese news: what a trial of `examples/names` measured → `benchmarks/results/token_classification.json`.

    python benchmarks/token_classification.py [--project FOLDER] [--out FOLDER]

Reads the last trial of the project; `seatrial run examples/names` makes it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from flagship import requirement_figure
from results import RESULTS, figure, write_results

from seatrial.pipeline.voyage import last_trial
from seatrial.records import Trial
from seatrial.spec.load import find_project

PROJECT = Path(__file__).parent.parent / "examples" / "names"


def figures_of(trial: Trial) -> list[dict[str, Any]]:
    """One row per requirement, the figures of model and gazetteer, each label's F1, the candidates, the time."""
    rows = [requirement_figure(result) for result in trial.verdict.results]
    report = trial.reports["evaluate"]
    for m in report.measurements:
        if m.split == "test" and not m.over and not m.where:
            interval = None if m.interval is None else (m.interval.low, m.interval.high)
            rows.append(figure(f"{m.metric}: {m.system}", m.value, "share", interval=interval, n=m.n))
    rows += [
        figure(f"entity_f1 of {row['label']}", row["f1"], "share", interval=row["f1_interval"], n=row["n"])
        for row in report.tables["per_label"]
    ]
    for row in trial.reports["compress"].tables["parity"]:
        rows.append(figure(f"same entities as uncompressed: {row['candidate']}", row["agreement"], "share"))
        rows.append(figure(f"size: {row['candidate']}", row["size_mb"], "MB"))
    rows += [
        figure(f"p95 of one request: {candidate.name}", candidate.latency_p95_ms, "ms")
        for candidate in trial.candidates
        if candidate.latency_p95_ms is not None
    ]
    rows += [figure(f"time of {stage}", seconds, "s") for stage, seconds in trial.seconds.items()]
    return rows


def main() -> None:
    """Write the result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=PROJECT, help="a project that has been run")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    options = parser.parse_args()
    _, raw = last_trial(find_project(options.project))
    trial = Trial.from_dict(raw)
    prepared = trial.reports["prepare"].facts["examples"]
    note = (
        f"trial of {trial.created}; {'accepted' if trial.verdict.accepted else 'not accepted'}: candidate "
        f"{trial.verdict.candidate}; {prepared} texts; other work ran on the machine"
    )
    seed = int(trial.lineage["seeds"]["seed"])
    print(write_results("token_classification", figures_of(trial), seed=seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
