"""Toy models, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .toy import toy_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy BERT with dropout 0.1."""
    return toy_base(tmp_path_factory.mktemp("toy-bert"))
