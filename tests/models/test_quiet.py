"""Silence holds inside the block and nowhere else."""

from __future__ import annotations

import pytest
from transformers.utils import logging

from seatrial.models.quiet import quiet_transformers


def test_settings_come_back_also_after_an_error() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with pytest.raises(KeyError), quiet_transformers():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
        raise KeyError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
