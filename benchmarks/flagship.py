"""The flagship trial: what it measured against its contract, and how long it took → `benchmarks/results/flagship.json`.

    python benchmarks/flagship.py [--project FOLDER] [--out FOLDER]

Reads the last trial of the project; `seatrial run examples/comments` makes it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from results import RESULTS, figure, write_results

from seatrial.pipeline.voyage import last_trial
from seatrial.records import RequirementResult, Trial
from seatrial.spec.load import find_project

PROJECT = Path(__file__).parent.parent / "examples" / "comments"
MOST_SECONDS = 900
UNITS = {"p95_ms": "ms", "size_mb": "MB"}


def figures_of(trial: Trial) -> list[dict[str, Any]]:
    """One row per requirement, the opponents' accuracies, the candidates' latencies, the time of the whole trial."""
    rows = [requirement_figure(result) for result in trial.verdict.results]
    for m in trial.reports["evaluate"].measurements:
        if m.metric == "accuracy" and m.split == "test" and not m.over and m.where in ({}, {"domain": "tweets"}):
            place = "all domains" if not m.where else "tweets"
            interval = None if m.interval is None else (m.interval.low, m.interval.high)
            rows.append(figure(f"accuracy on {place}: {m.system}", m.value, "share", interval=interval, n=m.n))
    rows += [
        figure(f"p95 of one request: {candidate.name}", candidate.latency_p95_ms, "ms")
        for candidate in trial.candidates
        if candidate.latency_p95_ms is not None
    ]
    seconds = sum(trial.seconds.values())
    goal = f"<= {MOST_SECONDS}"
    rows.append(figure("the whole trial, without installation", seconds, "s", goal=goal, met=seconds <= MOST_SECONDS))
    return rows


def requirement_figure(result: RequirementResult) -> dict[str, Any]:
    """The row of one line of the contract."""
    requirement = result.requirement
    return figure(
        requirement.name,
        float("nan") if result.measured is None else result.measured,
        UNITS.get(requirement.metric, "share"),
        goal=f"{requirement.comparator} {requirement.bound:g}",
        met=result.met,
        opponent=requirement.over,
        interval=None if result.interval is None else (result.interval.low, result.interval.high),
        n=result.n,
    )


def main() -> None:
    """Write the result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=PROJECT, help="a project that has been run")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    options = parser.parse_args()
    _, raw = last_trial(find_project(options.project))
    trial = Trial.from_dict(raw)
    note = f"trial of {trial.created}; candidate {trial.verdict.candidate}; test split used {trial.test_uses} time(s)"
    seed = int(trial.lineage["seeds"]["seed"])
    print(write_results("flagship", figures_of(trial), seed=seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
