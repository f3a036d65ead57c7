"""Thousands of requests generated from the OpenAPI description: none fails, and no answer is other than described."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from ..serve.http.generated import MODES, Trial, derived, described_by, draw
from .figures import Figures, sized
from .judging import MOST_MS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(300, 3000))]

CASES = sized(5_000, 50_000)
AT_A_TIME = 50
"""Drawn of a route and a mode in a round; the next round has another seed."""


def test_no_generated_request_fails_or_finds_the_description_wrong(tmp_path: Path, figures: Figures, seed: int) -> None:
    described, trial = described_by(tmp_path), Trial()
    operations = [result.ok() for result in described.get_all_operations()]
    for operation in operations:
        for case in derived(described, operation):
            trial.send(case)
    at_bounds = trial.statuses.total()
    for number in count(seed):
        before = trial.statuses.total()
        for operation in operations:
            for mode in MODES:
                draw(operation, mode, trial, most=min(AT_A_TIME, max(1, CASES // 100)), number=number)
        assert trial.statuses.total() > before, "there is nothing more to draw"
        if trial.statuses.total() >= CASES:
            break
    cases, failed = trial.statuses.total(), sum(n for status, n in trial.statuses.items() if status >= 500)
    print(f"seeds {seed} to {number}: {len(operations)} operations, {cases} requests, {at_bounds} of them at bounds")
    print(f"{dict(trial.statuses)}, slowest {trial.slowest_ms:.0f} ms")
    figures.add("answers 5xx to generated requests", failed, "count", goal="0", met=not failed, n=cases)
    wrong = len(trial.found)
    figures.add("answers other than the OpenAPI description says", wrong, "count", goal="0", met=not wrong, n=cases)
    slowest_ms = trial.slowest_ms
    met = slowest_ms <= MOST_MS
    figures.add("slowest answer to a generated request", slowest_ms, "ms", goal=f"<= {MOST_MS:g}", met=met, n=cases)
    trial.check()
    assert cases >= CASES
    assert min(trial.statuses[200], trial.statuses[400] + trial.statuses[422]) > CASES / 50
    assert trial.statuses[405] >= len(operations), "other methods were tried, whose number does not grow with the cases"
