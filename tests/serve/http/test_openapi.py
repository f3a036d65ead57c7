"""The service is what its OpenAPI description says: generated requests, in process, over every route.

The seed is fixed; `SEATRIAL_OPENAPI_CASES` sets how many are drawn per route. `tests/reliability` has the long form.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

from seatrial.export.bare_model import release_of_bare_model
from seatrial.serve.handlers import Handlers, build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.loading import load_in_service
from seatrial.serve.settings import ServeSettings

from ...export.toy_chat_model import save_toy_chat_model
from .generated import MODES, Trial, derived, described_by, draw

CASES = int(os.environ.get("SEATRIAL_OPENAPI_CASES", "20"))
SEED = 20_26


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return described_by(tmp_path_factory.mktemp("described"))


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Handlers]]:
    """The description of a service with a real engine that runs a toy language model."""
    folder = tmp_path_factory.mktemp("talking")
    settings = ServeSettings(threads=1, generate_slots=2, generate_context=256, generate_max_tokens=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        release = release_of_bare_model(str(save_toy_chat_model(folder / "toy")))
    handlers = build_handlers([load_in_service(release, settings)], settings)
    yield described_by(folder, create_app(settings, handlers)), handlers
    asyncio.run(handlers.close(1))


@pytest.mark.slow
def test_no_generated_request_to_a_language_model_finds_the_description_wrong(
    talking: tuple[Any, Handlers],
) -> None:
    described, handlers = talking
    trial = Trial()
    operations = [result.ok() for result in described.get_all_operations()]
    generating = [one for one in operations if one.path in {"/v1/chat/completions", "/v1/completions"}]
    assert len(generating) == 2
    for operation in [*generating, *(one for one in operations if "sessions" in one.path)]:
        for case in derived(described, operation):
            trial.send(case)
        for mode in MODES:
            draw(operation, mode, trial, most=CASES, number=SEED)
    print(f"seed {SEED}: {trial.statuses.total()} requests, {dict(trial.statuses)}")
    trial.check()
    assert min(trial.statuses[200], trial.statuses[400]) > 30
    [model] = handlers.generate.models
    assert (model.callers, model.room.answers) == (0, 0)


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
