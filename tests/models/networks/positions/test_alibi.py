"""ALiBi's slopes are the paper's, and distances cost what they say."""

from __future__ import annotations

import torch

from seatrial.models.networks.positions.alibi import AlibiBias, slopes


def test_slopes_for_a_power_of_two_and_between() -> None:
    assert slopes(8) == [2.0**-power for power in range(1, 9)]
    assert slopes(4) == [2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8]
    assert slopes(6) == [2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8, 2.0**-1, 2.0**-3]


def test_the_bias_falls_with_the_distance() -> None:
    bias = AlibiBias(2)(torch.tensor([[3]]), torch.arange(5)[None])
    assert bias.shape == (1, 2, 1, 5)
    assert bias[0, 0, 0].tolist() == [-3 / 16, -2 / 16, -1 / 16, 0.0, -1 / 16]
