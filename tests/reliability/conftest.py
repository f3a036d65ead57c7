"""What the reliability tests share: real releases, a real service, and a ledger of what was measured.

The quick form runs with every `make test`. `make soak` runs the deep form and writes its figures to
`benchmarks/results/reliability.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .figures import Figures
from .rates import Bearable, bearable
from .releases import Material, make_material, make_release
from .service import running
from .versions import Version, make_version

KNOWN = 40
"""Texts whose golden answers the versions know."""


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A real encoder, MiniLM, as a folder, with a head whose weights are made of a seed."""
    return make_material(tmp_path_factory.mktemp("material"))


@pytest.fixture(scope="session")
def release(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An int8 release of the real encoder, as it would be accepted."""
    return make_release(material, tmp_path_factory.mktemp("one") / "release", head_seed=1)


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Texts of mixed length."""
    from seatrial.load.texts import made_up_texts

    return made_up_texts("mixed", 200, seed=7)


@pytest.fixture(scope="session")
def versions(material: Material, tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> list[Version]:
    """Four versions of one model, whose golden answers are to the first texts of `texts`."""
    import numpy as np

    folder, known = tmp_path_factory.mktemp("versions"), texts[:KNOWN]
    found = [make_version(material, folder / str(seed), known, head_seed=seed) for seed in range(1, 5)]
    for one in found:
        for other in found[: found.index(one)]:
            assert np.abs(one.golden - other.golden).max(axis=1).min() > 1e-3, "every text tells versions apart"
    return found


@pytest.fixture(scope="session")
def known(texts: list[str]) -> list[str]:
    """The texts whose golden answers are known."""
    return texts[:KNOWN]


@pytest.fixture(scope="session")
def borne(release: Path, texts: list[str], pytestconfig: pytest.Config) -> Bearable:
    """What the service can bear on this machine, found in half a minute."""
    with running(release) as service:
        return bearable(service.url, texts, seed=pytestconfig.getoption("--seed"))


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Iterator[Figures]:
    """Takes what a test measured; the deep form writes it down at the end."""
    found = Figures(pytestconfig.getoption("--seed"))
    yield found
    for row in found.rows:
        print(json.dumps(row, ensure_ascii=False))
    found.write()
