"""The frame of every test: one thread, no network for models, one printed seed."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Generator

# Before anything imports numpy or torch, which read these once. Tests share their machine: one thread each.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"  # a service would ask for the keys of who runs the tests

import pytest  # noqa: E402 - the environment comes first
from hypothesis import HealthCheck, settings  # noqa: E402

from .timeliness import twice_if_late  # noqa: E402

# Property tests must not fail because a shared machine is slow; a failing example is printed to be run again.
settings.register_profile("seatrial", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("seatrial")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=17, help="seed of every test's random numbers (default 17)")


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('--seed')}"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """The body of a test that is marked `timed` runs once more where it only missed times on a machine held up."""
    if pyfuncitem.get_closest_marker("timed") is None:
        return (yield)
    body = pyfuncitem.obj
    pyfuncitem.obj = lambda **arguments: twice_if_late(lambda: body(**arguments), pytest.skip)
    try:
        return (yield)
    finally:
        pyfuncitem.obj = body


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run, for tests that make random inputs."""
    value: int = request.config.getoption("--seed")
    return value


@pytest.fixture(autouse=True)
def _seeded(seed: int) -> None:
    """The same random numbers in each test, whatever ran before; libraries that are not loaded stay unloaded."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
