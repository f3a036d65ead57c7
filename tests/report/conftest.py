"""Made-up trials for the page."""

from __future__ import annotations

from types import ModuleType

import pytest

from seatrial.records import Trial

from . import fake_trial


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The builders of `fake_trial.py`."""
    return fake_trial


@pytest.fixture(scope="session")
def trial() -> Trial:
    """Accepted, resembles the flagship."""
    return fake_trial.make_trial()


@pytest.fixture(scope="session")
def refused() -> Trial:
    """Not accepted: one figure just short, one not measured."""
    return fake_trial.make_trial(accepted=False)


@pytest.fixture(scope="session")
def bare() -> Trial:
    """Nothing but a verdict."""
    return fake_trial.bare_trial()


@pytest.fixture(scope="session")
def hostile() -> Trial:
    """Thirty labels, texts that try to break out, undefined figures."""
    return fake_trial.hostile_trial()


@pytest.fixture(scope="session")
def vectors() -> Trial:
    """Accepted, of a task that gives vectors, without labels and without training."""
    return fake_trial.vectors_trial()
