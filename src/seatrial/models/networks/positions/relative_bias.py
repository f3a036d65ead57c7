"""T5's relative bias: scores get a learned number that depends on the head and on the distance, in buckets.

Near distances have a bucket each, farther ones share buckets that grow logarithmically up to a greatest distance. An
encoder tells before from after and gives each half of the buckets; a decoder only looks back.

    bucket(n) = n                                        for n < m, m half of the buckets at hand
    bucket(n) = m + ⌊(m' - m)·log(n/m) / log(max/m)⌋     beyond, at most m' - 1, m' all buckets at hand

Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", §2.1.

Shapes: B batch, T query positions, S key positions, H heads.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["RelativeBias", "bucket"]


def bucket(distance: Tensor, *, buckets: int, max_distance: int, both_ways: bool) -> Tensor:
    """The bucket of each distance.

    Args:
        distance: place of the key minus place of the query: negative for what came before.
        buckets: how many there are.
        max_distance: from here on all share the last one.
        both_ways: half of the buckets are for keys that come after; otherwise these all count as distance 0.

    Returns:
        Numbers 0 to `buckets` - 1, of the shape of `distance`.
    """
    offset = torch.zeros_like(distance)
    if both_ways:
        buckets //= 2
        offset = (distance > 0) * buckets
        away = distance.abs()
    else:
        away = (-distance).clamp(min=0)
    exact = buckets // 2
    growth = torch.log(away.clamp(min=1).float() / exact) / math.log(max_distance / exact)
    far = (exact + (growth * (buckets - exact)).long()).clamp(max=buckets - 1)
    return offset + torch.where(away < exact, away, far)


class RelativeBias(nn.Module):
    """A table with one number per bucket and head, shared by all blocks of a stack.

    Args:
        heads: H.
        buckets: as for `bucket`, like the rest.
        max_distance: see there.
        both_ways: True in an encoder.
    """

    def __init__(self, heads: int, *, buckets: int, max_distance: int, both_ways: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(buckets, heads)
        self.max_distance = max_distance
        self.both_ways = both_ways

    def forward(self, query_places_BT: Tensor, key_places_BS: Tensor) -> Tensor:
        """bias_BHTS."""
        distance_BTS = key_places_BS[:, None, :] - query_places_BT[:, :, None]
        bucket_BTS = bucket(
            distance_BTS,
            buckets=self.table.num_embeddings,
            max_distance=self.max_distance,
            both_ways=self.both_ways,
        )
        bias_BTSH: Tensor = self.table(bucket_BTS)
        return bias_BTSH.permute(0, 3, 1, 2)
