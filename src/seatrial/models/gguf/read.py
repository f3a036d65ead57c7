"""A GGUF file → settings, tensors and the tokenizer's data. Refuses to know folders and torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import MissingExtraError, ResolveError
from seatrial.models.networks.config import NetworkConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GgufModel", "GgufTokenizer", "read_gguf"]

OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
NAME = re.compile(r"(?:blk\.(?P<layer>\d+)\.)?(?P<part>\w+)\.(?P<kind>weight|bias)")
CONTROL, USER_DEFINED = 3, 4
"""Types of tokens in `tokenizer.ggml.token_type`."""


@dataclass(frozen=True, slots=True)
class GgufTokenizer:
    """What a GGUF file says about its tokenizer.

    Args:
        model: the algorithm: ``"gpt2"`` is byte-level BPE.
        splitting: how texts are cut before BPE; a name of llama.cpp's.
        tokens: by id.
        merges: pairs of tokens, the first ones merged first.
        control: ids of tokens that mark something and are no text.
        added: ids of tokens that are matched whole, before BPE.
        bos_id: begins a text.
        eos_id: ends one.
        unknown_id: for what has no token.
        pad_id: fills gaps.
        adds_bos: whether every text is given `bos_id`.
        chat_template: Jinja: messages → text; None: there is none.
    """

    model: str
    splitting: str
    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]
    control: tuple[int, ...]
    added: tuple[int, ...]
    bos_id: int | None
    eos_id: int | None
    unknown_id: int | None
    pad_id: int | None
    adds_bos: bool
    chat_template: str | None


@dataclass(frozen=True, slots=True)
class GgufModel:
    """What is in a GGUF file.

    Args:
        config: of the network.
        tensors: fp32, under the names of Llama's layout, as that has them.
        tokenizer: its data.
        name: as the file calls itself, or None.
    """

    config: NetworkConfig
    tensors: Mapping[str, NDArray[np.float32]]
    tokenizer: GgufTokenizer
    name: str | None


def read_gguf(file: Path) -> GgufModel:
    """The settings, tensors and tokenizer in `file`.

    Args:
        file: GGUF version 2 or 3 with a Llama, quantised in any way that the `gguf` package knows.

    Raises:
        MissingExtraError: the package `gguf` is not installed.
        ResolveError: no such file, a broken one, or something in it that our networks do not have.
    """
    try:
        from gguf import GGUFReader
    except ModuleNotFoundError as error:
        raise MissingExtraError("a GGUF file", "lm") from error
    try:
        reader = GGUFReader(file)
        fields = {name: field.contents() for name, field in reader.fields.items()}
    except (OSError, ValueError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise ResolveError(f"cannot read {file.name}: {error}", where=str(file.parent)) from error
    architecture = fields.get("general.architecture")
    if architecture != "llama":
        raise ResolveError(
            f"{file.name} holds a network of the architecture {architecture!r}",
            where=str(file.parent),
            expected="llama",
        )
    try:
        tokenizer = _tokenizer(fields)
        tensors = dict(_tensors(reader, fields["llama.attention.head_count"], _kv_heads(fields)))
        config = _config(fields, tensors, tokenizer)
    except KeyError as error:
        raise ResolveError(f"{file.name} lacks the setting {error}", where=str(file.parent)) from error
    return GgufModel(config, tensors, tokenizer, fields.get("general.name"))


def _kv_heads(fields: Mapping[str, Any]) -> int:
    heads: int = fields.get("llama.attention.head_count_kv", fields["llama.attention.head_count"])
    return heads


def _config(fields: Mapping[str, Any], tensors: Mapping[str, object], tokenizer: GgufTokenizer) -> NetworkConfig:
    scaling = fields.get("llama.rope.scaling.type", "none")
    if scaling != "none":
        raise ResolveError(f"rotary positions that are scaled by {scaling!r} are not known")
    width, heads = fields["llama.embedding_length"], fields["llama.attention.head_count"]
    return NetworkConfig(
        kind="decoder",
        vocab_size=len(tokenizer.tokens),
        width=width,
        layers=fields["llama.block_count"],
        heads=heads,
        key_value_heads=_kv_heads(fields),
        head_width=fields.get("llama.rope.dimension_count", width // heads),
        feed_forward_width=fields["llama.feed_forward_length"],
        max_positions=fields["llama.context_length"],
        rotary_base=fields.get("llama.rope.freq_base", 10_000.0),
        norm_epsilon=_rounded(fields["llama.attention.layer_norm_rms_epsilon"]),
        attention_bias="model.layers.0.self_attn.q_proj.bias" in tensors,
        feed_forward_bias="model.layers.0.mlp.up_proj.bias" in tensors,
        tied="lm_head.weight" not in tensors,
        bos_id=tokenizer.bos_id,
        eos_id=tokenizer.eos_id,
        pad_id=tokenizer.pad_id,
    )


def _rounded(value: float) -> float:
    """The short decimal number that was stored in fp32: 1e-05 and not 9.999999747378752e-06."""
    return float(f"{value:.6g}")


def _tensors(reader: Any, heads: int, kv_heads: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    from gguf.quants import dequantize

    for tensor in reader.tensors:
        match = NAME.fullmatch(tensor.name)
        part = match["part"] if match else ""
        name = (BLOCK if match and match["layer"] else OUTSIDE).get(part)
        if match is None or name is None:
            raise ResolveError(f"the tensor {tensor.name} has no place in a Llama")
        if match["layer"]:
            name = f"model.layers.{match['layer']}.{name}"
        array = dequantize(tensor.data, tensor.tensor_type)
        if part in {"attn_q", "attn_k"}:
            array = _halves(array, heads if part == "attn_q" else kv_heads)
        yield f"{name}.{match['kind']}", array


def _halves(array: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of queries or keys, from the pairs of neighbours that llama.cpp turns to number i and i + D/2 of a head."""
    pairs = array.reshape(heads, -1, 2, *array.shape[1:])
    return pairs.swapaxes(1, 2).reshape(array.shape).copy()


def _tokenizer(fields: Mapping[str, Any]) -> GgufTokenizer:
    tokens = tuple(fields["tokenizer.ggml.tokens"])
    types = fields.get("tokenizer.ggml.token_type") or [1] * len(tokens)
    merges = (merge.partition(" ") for merge in fields.get("tokenizer.ggml.merges", ()))
    return GgufTokenizer(
        model=fields["tokenizer.ggml.model"],
        splitting=fields.get("tokenizer.ggml.pre", "default"),
        tokens=tokens,
        merges=tuple((left, right) for left, _, right in merges),
        control=tuple(number for number, kind in enumerate(types) if kind == CONTROL),
        added=tuple(number for number, kind in enumerate(types) if kind == USER_DEFINED),
        bos_id=fields.get("tokenizer.ggml.bos_token_id"),
        eos_id=fields.get("tokenizer.ggml.eos_token_id"),
        unknown_id=fields.get("tokenizer.ggml.unknown_token_id"),
        pad_id=fields.get("tokenizer.ggml.padding_token_id"),
        adds_bos=bool(fields.get("tokenizer.ggml.add_bos_token", False)),
        chat_template=fields.get("tokenizer.chat_template"),
    )
