"""Where the norm stands."""

from __future__ import annotations

import torch
from torch import nn

from seatrial.models.networks.residual import residual


def test_pre_and_post_norm() -> None:
    x, double, ten_more = torch.ones(1), nn.Linear(1, 1, bias=False), nn.Identity()
    nn.init.constant_(double.weight, 2.0).requires_grad_(False)
    pre = residual(x, lambda y: y + 10, norm=double, norm_place="pre", dropout=ten_more)
    post = residual(x, lambda y: y + 10, norm=double, norm_place="post", dropout=ten_more)
    assert (float(pre), float(post)) == (1 + (2 * 1 + 10), 2 * (1 + (1 + 10)))
