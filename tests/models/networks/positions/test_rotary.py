"""Rotary positions turn pairs, and products depend on distances."""

from __future__ import annotations

import torch

from seatrial.models.networks.positions.rotary import RotaryPositions, rotate

from ..toy import max_difference


def test_a_pair_is_a_complex_number_that_is_turned() -> None:
    x = torch.randn(1, 2, 3, 8)
    positions = torch.tensor([[0, 4, 9]])
    turned = rotate(x, RotaryPositions(8, base=100.0)(positions))
    angles = positions[0, :, None] * 100.0 ** (-torch.arange(4) / 4)
    expected = torch.complex(x[..., :4], x[..., 4:]) * torch.polar(torch.ones_like(angles), angles)
    assert max_difference(turned, torch.cat([expected.real, expected.imag], dim=-1)) < 1e-5


def test_the_product_of_query_and_key_knows_their_distance_only() -> None:
    query, key = torch.randn(1, 1, 1, 8), torch.randn(1, 1, 1, 8)
    rotary = RotaryPositions(8)

    def product(at: int, to: int) -> float:
        return float((rotate(query, rotary(torch.tensor([[at]]))) * rotate(key, rotary(torch.tensor([[to]])))).sum())

    assert abs(product(3, 1) - product(103, 101)) < 1e-4
    assert abs(product(3, 1) - product(3, 2)) > 1e-3


def test_angles_are_exact_in_half_precision_too() -> None:
    late = torch.tensor([[4097]])
    cosines, _ = RotaryPositions(8).to(torch.bfloat16)(late)
    assert cosines.dtype == torch.float32
    assert abs(float(cosines[0, 0, 0, 0]) - float(torch.cos(torch.tensor(4097.0)))) < 1e-4
