"""The same made-up trials as the page has, for the card."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from seatrial.records import Trial


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The builders of `fake_trial.py`."""
    spec = importlib.util.spec_from_file_location(
        "seatrial_fake_trial", Path(__file__).parent.parent / "report" / "fake_trial.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def trial(fake: ModuleType) -> Trial:
    """Accepted, resembles the flagship."""
    made: Trial = fake.make_trial()
    return made


@pytest.fixture(scope="session")
def refused(fake: ModuleType) -> Trial:
    """Not accepted: one figure just short, one not measured."""
    made: Trial = fake.make_trial(accepted=False)
    return made


@pytest.fixture(scope="session")
def bare(fake: ModuleType) -> Trial:
    """Nothing but a verdict."""
    made: Trial = fake.bare_trial()
    return made


@pytest.fixture(scope="session")
def hostile(fake: ModuleType) -> Trial:
    """Thirty labels, texts that try to break out, undefined figures."""
    made: Trial = fake.hostile_trial()
    return made
