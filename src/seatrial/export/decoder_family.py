"""Of which networks a decoder graph can be written, by their configuration alone. Refuses to know: weights, ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.errors import ArtifactError
from seatrial.export.rotary_tables import rotary_tables
from seatrial.spec.language import NetworkSpec

__all__ = ["FAMILIES", "HEAD_MULTIPLE", "family_misfit", "graph_misfit", "network_misfit"]

FAMILIES = ("llama", "mistral", "qwen2")
HEAD_MULTIPLE = 16
"""Widths of heads that onnxruntime's attention takes."""

LLAMA: Mapping[str, Any] = {
    "positions": "rotary",
    "norm": "rms-norm",
    "norm_place": "pre",
    "embedding_norm": False,
    "activation": "silu",
    "gated": True,
    "attention_scale": None,
}
"""What the section `model.network` may say of a decoder of the Llama family; null leaves it so."""


def family_misfit(config: Mapping[str, Any]) -> str | None:
    """What a config.json says that no function written here computes, in words; None if nothing.

    Args:
        config: of a model folder in the Hub's layout.
    """
    family, activation = config.get("model_type"), config.get("hidden_act", "silu")
    if family not in FAMILIES:
        return f"the model is of the family {family!r}"
    if activation != "silu":
        return f"the model's activation is {activation!r}"
    if "quantization_config" in config:
        return "the model's weights are stored quantised"
    return None


def graph_misfit(config: Mapping[str, Any]) -> str | None:
    """Why `decoder_graph` would refuse a model with this config.json, in words; None if it would not."""
    misfit = family_misfit(config)
    if misfit is not None:
        return misfit
    width = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    try:
        rotary_tables(config, width, 1, where="config.json")
    except ArtifactError as error:
        return error.message
    return _head_misfit(width)


def network_misfit(network: NetworkSpec) -> str | None:
    """The same for a network that is still to be made from the section `model.network`."""
    for name, wanted in LLAMA.items():
        given = getattr(network, name)
        if given is not None and given != wanted:
            return f"{name} is {given!r}"
    if network.sliding_window is not None and (network.attention_bias or network.feed_forward_bias):
        return "it has a sliding window and biases"
    return _head_misfit(network.head_width or network.width // network.heads)


def _head_misfit(width: int) -> str | None:
    return f"the model's heads have {width} values" if width % HEAD_MULTIPLE else None
