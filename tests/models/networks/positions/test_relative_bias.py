"""Buckets of distances are those that T5's weights were trained with."""

from __future__ import annotations

import pytest
import torch

from seatrial.models.networks.positions.relative_bias import RelativeBias, bucket


@pytest.mark.parametrize("both_ways", [True, False])
@pytest.mark.parametrize(("buckets", "max_distance"), [(32, 128), (8, 20)])
def test_buckets_are_those_of_transformers(both_ways: bool, buckets: int, max_distance: int) -> None:
    from transformers.models.t5.modeling_t5 import T5Attention

    distance = torch.arange(-300, 300)
    expected = T5Attention._relative_position_bucket(distance, both_ways, buckets, max_distance)
    found = bucket(distance, buckets=buckets, max_distance=max_distance, both_ways=both_ways)
    assert torch.equal(found, expected)


def test_near_distances_have_a_bucket_each_and_the_future_one_for_all() -> None:
    found = bucket(torch.tensor([0, -1, -2, -3, 1, 9]), buckets=8, max_distance=20, both_ways=False)
    assert found.tolist() == [0, 1, 2, 3, 0, 0]


def test_each_head_has_a_number_per_bucket() -> None:
    bias = RelativeBias(3, buckets=8, max_distance=20, both_ways=True)
    found = bias(torch.arange(4)[None], torch.arange(5)[None])
    assert found.shape == (1, 3, 4, 5)
    assert torch.equal(found[0, :, 0, 1], found[0, :, 2, 3])
    assert torch.equal(found[0, :, 1, 1], bias.table.weight[0])
