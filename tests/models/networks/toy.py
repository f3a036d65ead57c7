"""Toy networks of every kind: a few thousand weights, sizes that are all different so that a mixed-up axis shows."""

from __future__ import annotations

from typing import Any

import torch

from seatrial.models.networks import NetworkConfig, build

__all__ = ["GPT_LIKE", "KINDS", "VOCAB", "ids", "max_difference", "toy", "toy_config"]

VOCAB = 37

GPT_LIKE: dict[str, Any] = {
    "positions": "learned",
    "norm": "layer-norm",
    "activation": "gelu-tanh",
    "gated": False,
    "attention_bias": True,
    "feed_forward_bias": True,
}
KINDS: dict[str, dict[str, Any]] = {
    "rotary, grouped": {"key_value_heads": 2},
    "learned, like GPT-2": GPT_LIKE,
    "sinusoidal, post-norm": {"positions": "sinusoidal", "norm_place": "post", "norm": "layer-norm"},
    "alibi": {"positions": "alibi"},
    "relative bias": {"positions": "relative-bias", "relative_buckets": 8, "relative_max_distance": 20},
    "sliding window": {"sliding_window": 3},
    "no positions": {"positions": "none", "tied": False},
}


def toy_config(kind: str = "decoder", **settings: Any) -> NetworkConfig:
    """E = 24, H = 4, D = 6, two blocks; weights large enough for differences to show."""
    sizes: dict[str, Any] = {"vocab_size": VOCAB, "width": 24, "layers": 2, "heads": 4, "feed_forward_width": 40}
    return NetworkConfig(**{"kind": kind, "max_positions": 32, "init_std": 0.3, **sizes, **settings})


def toy(kind: str = "decoder", **settings: Any) -> torch.nn.Module:
    """A toy network in evaluation mode."""
    return build(toy_config(kind, **settings)).eval()


def ids(*shape: int) -> torch.Tensor:
    """Random token ids."""
    return torch.randint(VOCAB, shape)


def max_difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest absolute difference; shapes must agree."""
    assert one.shape == other.shape
    return float((one - other).detach().abs().max())
