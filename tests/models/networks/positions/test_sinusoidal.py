"""Sinusoidal positions are the paper's formula."""

from __future__ import annotations

import math

import pytest
import torch

from seatrial.models.networks.positions.sinusoidal import SinusoidalPositions


def test_the_formula() -> None:
    vectors = SinusoidalPositions(6)(torch.tensor([[0, 5]]))
    assert vectors.shape == (1, 2, 6)
    for t, row in zip((0, 5), vectors[0].tolist(), strict=True):
        for i in range(3):
            angle = t / 10_000 ** (2 * i / 6)
            assert row[2 * i] == pytest.approx(math.sin(angle), abs=1e-6)
            assert row[2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-6)
