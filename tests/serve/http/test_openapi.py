"""The service is what its OpenAPI description says: generated requests, in process, over every route.

The seed is fixed; `SEATRIAL_OPENAPI_CASES` sets how many are drawn per route. `tests/reliability` has the long form.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from .generated import MODES, Trial, derived, described_by, draw

CASES = int(os.environ.get("SEATRIAL_OPENAPI_CASES", "20"))
SEED = 20_26


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return described_by(tmp_path_factory.mktemp("described"))


@pytest.mark.slow
def test_no_generated_request_finds_the_description_wrong(described: Any) -> None:
    trial = Trial()
    operations = [result.ok() for result in described.get_all_operations()]
    for operation in operations:
        for case in derived(described, operation):
            trial.send(case)
        for mode in MODES:
            draw(operation, mode, trial, most=CASES // 2, number=SEED)
    print(f"seed {SEED}: {len(operations)} operations, {trial.statuses.total()} requests, {dict(trial.statuses)}")
    trial.check()
    assert trial.statuses[200] > 50
    assert trial.statuses[400] + trial.statuses[422] > 50
    assert trial.statuses[405] > 10
