"""Reads the weights of decoders of the Llama family from a folder in the Hub's layout.

One function under several names: RMSNorm before each half of a block, rotary positions, grouped queries, a gated
feed-forward with SiLU. Llama, Mistral and Qwen2 differ in biases and in a window. Refuses to know: ONNX, quantisation.
A model with an option that changes the function is refused, never read wrongly.

Shapes: E width of the model, H query heads, K key-value heads, D width of a head, I width of the feed-forward,
V vocabulary, S longest context. A weight is [outputs, inputs], as torch keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import ArtifactError
from seatrial.export.decoder_family import FAMILIES, family_misfit
from seatrial.export.rotary_tables import rotary_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["DecoderLayer", "DecoderWeights", "Projection", "read_decoder"]


@dataclass(frozen=True, slots=True)
class Projection:
    """``x @ weight.T + bias``; weight is [outputs, inputs], bias [outputs] or None."""

    weight: Floats
    bias: Floats | None = None


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """One block.

    Attributes:
        attention_norm: scale of the RMSNorm before attention, [E].
        qkv: query, key and value stacked: [(H + 2K)·D, E].
        output: [E, H·D].
        feed_forward_norm: [E].
        gate_up: the gate, then what it gates: [2I, E].
        down: [E, I].
    """

    attention_norm: Floats
    qkv: Projection
    output: Projection
    feed_forward_norm: Floats
    gate_up: Projection
    down: Projection


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """A decoder of the Llama family.

    Attributes:
        tokens: the embedding table, [V, E].
        head: the output projection [V, E]; None where it is the embedding table.
        norm: scale of the last RMSNorm, [E].
        cosines, sines: rotary tables, [S, D / 2].
        window: how many tokens back attention looks, or None for all.
    """

    tokens: Floats
    layers: tuple[DecoderLayer, ...]
    norm: Floats
    head: Floats | None
    heads: int
    kv_heads: int
    head_width: int
    epsilon: float
    cosines: Floats
    sines: Floats
    window: int | None = None


def read_decoder(folder: Path) -> DecoderWeights:
    """The weights of a model folder: config.json with model.safetensors, or with an index and its parts.

    Raises:
        ArtifactError: a file is missing, or the model computes something that is not written here.
    """
    file = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            "the model's configuration cannot be read", where=str(file), expected="config.json of a Hub model folder"
        ) from error
    _refuse_other_functions(config, str(file))
    width = config["hidden_size"]
    heads = config["num_attention_heads"]
    head_width = config.get("head_dim") or width // heads
    cosines, sines = rotary_tables(config, head_width, config["max_position_embeddings"], where=str(file))
    with _tensors(folder) as read:
        tied = config.get("tie_word_embeddings", False) or "lm_head.weight" not in read
        return DecoderWeights(
            tokens=read.array("model.embed_tokens.weight"),
            layers=tuple(_layer(read, f"model.layers.{i}") for i in range(config["num_hidden_layers"])),
            norm=read.array("model.norm.weight"),
            head=None if tied else read.array("lm_head.weight"),
            heads=heads,
            kv_heads=config.get("num_key_value_heads") or heads,
            head_width=head_width,
            epsilon=config.get("rms_norm_eps", 1e-6),
            cosines=cosines,
            sines=sines,
            window=_window(config),
        )


def _refuse_other_functions(config: Mapping[str, Any], where: str) -> None:
    found = family_misfit(config)
    if found is None:
        return
    raise ArtifactError(
        found,
        where=where,
        expected=f"one of {', '.join(FAMILIES)}, with the activation silu and weights in floating point",
        hint="run this model with the engine 'transformers'",
    )


def _window(config: Mapping[str, Any]) -> int | None:
    """Mistral always looks back as far as its window; Qwen2 only where it says that it uses one."""
    window: int | None = config.get("sliding_window")
    if config["model_type"] == "llama" or (config["model_type"] == "qwen2" and not config.get("use_sliding_window")):
        return None
    return window


class _Tensors:
    """Tensors by name as float32 arrays, read from disk one at a time."""

    def __init__(self, files: Mapping[str, Any], where: str) -> None:
        self._files, self._where = files, where

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def array(self, name: str) -> Floats:
        if name not in self._files:
            raise ArtifactError(
                f"the weights hold no {name!r}", where=self._where, expected="all tensors that config.json asks for"
            )
        array: Floats = self._files[name].get_tensor(name).float().numpy()
        return array

    def projection(self, *names: str) -> Projection:
        """One linear layer, or several stacked."""
        weight = np.concatenate([self.array(f"{name}.weight") for name in names])
        biases = [self.array(f"{name}.bias") for name in names if f"{name}.bias" in self]
        return Projection(weight, np.concatenate(biases) if biases else None)


@contextmanager
def _tensors(folder: Path) -> Iterator[_Tensors]:
    from safetensors import SafetensorError, safe_open

    parts = sorted(folder.glob("model*.safetensors"))
    if not parts:
        raise ArtifactError("there are no weights", where=str(folder), expected="model.safetensors, or its parts")
    with ExitStack() as opened:
        files: dict[str, Any] = {}
        for part in parts:
            try:
                # numpy knows no bfloat16, so torch reads
                file = opened.enter_context(safe_open(part, framework="pt"))
            except (OSError, SafetensorError) as error:
                raise ArtifactError("the weights cannot be read", where=str(part), expected=str(error)[:200]) from error
            files |= dict.fromkeys(file.keys(), file)
        yield _Tensors(files, str(folder))


def _layer(read: _Tensors, prefix: str) -> DecoderLayer:
    attention, feed_forward = f"{prefix}.self_attn", f"{prefix}.mlp"
    return DecoderLayer(
        attention_norm=read.array(f"{prefix}.input_layernorm.weight"),
        qkv=read.projection(*(f"{attention}.{part}_proj" for part in "qkv")),
        output=read.projection(f"{attention}.o_proj"),
        feed_forward_norm=read.array(f"{prefix}.post_attention_layernorm.weight"),
        gate_up=read.projection(f"{feed_forward}.gate_proj", f"{feed_forward}.up_proj"),
        down=read.projection(f"{feed_forward}.down_proj"),
    )
