"""Fresh weights: small normal numbers, and smaller ones where a block adds to the residual sum.

    W ~ N(0, σ²)        output projections of n blocks with two or three sublayers: σ / √(sublayers)

Each sublayer adds its variance to the sum; so scaled, the sum at the end is as large as at the beginning, however deep.

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", §2.3.
"""

from __future__ import annotations

import math

from torch import nn

from seatrial.models.networks.feed_forward import FeedForward
from seatrial.models.networks.multi_head import MultiHeadAttention
from seatrial.models.networks.stack import Stack

__all__ = ["initialize"]


def initialize(network: nn.Module, std: float) -> None:
    """Give every projection and table fresh weights; biases become 0, norms keep their 1 and 0.

    Args:
        network: any network of this room.
        std: σ.
    """
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=std)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
    for stack in network.modules():
        if isinstance(stack, Stack):
            outputs = [module.output for module in stack.modules() if isinstance(module, MultiHeadAttention)]
            outputs += [module.down for module in stack.modules() if isinstance(module, FeedForward)]
            for output in outputs:
                nn.init.normal_(output.weight, std=std / math.sqrt(len(outputs)))
