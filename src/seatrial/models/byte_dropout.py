"""Dropout for CPUs: one random byte decides about an element.

torch draws a random number for every element, one after the other on one thread. In fine-tuning a small encoder that
is a tenth of all processor time, and with several cores a larger share of the wall time (docs/log.md). Here every draw
of 64 bits decides about eight elements, and the rest is arithmetic that all threads share. The bytes come from torch's
global generator, so that a saved generator state continues exactly.

This module imports torch when it is imported; import it where it is used.
"""

from __future__ import annotations

import torch

__all__ = ["ByteDropout", "use_byte_dropout"]

BYTE_VALUES = 256
BYTES_PER_DRAW = 8


class ByteDropout(torch.nn.Dropout):
    """Zeroes elements at random while training and scales the others, so that the mean stays; see `torch.nn.Dropout`.

    Args:
        p: probability of zeroing, from 0 to below 1; rounded to a multiple of 1/256, and the scale follows the rounded
            value.

    Source: Srivastava et al., Dropout (2014).
    """

    def __init__(self, p: float) -> None:
        super().__init__(p)
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}, not from 0 to below 1")
        self.dropped_bytes = min(round(p * BYTE_VALUES), BYTE_VALUES - 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """`values` of any shape; the same shape and type."""
        if not self.training or self.dropped_bytes == 0:
            return values
        draws = torch.empty(-(-values.numel() // BYTES_PER_DRAW), dtype=torch.int64)
        draws.random_(torch.iinfo(torch.int64).min, None)  # all 64 bits; the default range leaves the sign bit zero
        kept = draws.view(torch.uint8)[: values.numel()].view(values.shape) >= self.dropped_bytes
        return values * kept.to(values.dtype).mul_(BYTE_VALUES / (BYTE_VALUES - self.dropped_bytes))


def use_byte_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """Replace every `torch.nn.Dropout` in `model`, in place. For models that train on a CPU."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is torch.nn.Dropout:
                setattr(parent, name, ByteDropout(child.p).train(child.training))
    return model
