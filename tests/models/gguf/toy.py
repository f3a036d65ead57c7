"""A toy Llama in a GGUF file, as llama.cpp would write it: weights partly in 8 bits, a BPE of a few tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["MERGES", "TEMPLATE", "TOKENS", "write_gguf"]

LETTERS = ["Ġ", "a", "b", "c", "1", "2"]
MERGES = ["a b", "Ġ ab", "ab c"]
TOKENS = ["<|end|>", "<|start|>", *LETTERS, "ab", "Ġab", "abc", "<think>"]
TEMPLATE = "{% for message in messages %}<|start|>{{ message['content'] }}<|end|>{% endfor %}"
WIDTH, HEADS, KV_HEADS, INNER, LAYERS = 64, 4, 2, 96, 2


def pairs(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a head from halves to neighbours, as llama.cpp turns them."""
    halves = weight.reshape(heads, 2, -1, weight.shape[1])
    found: np.ndarray = halves.swapaxes(1, 2).reshape(weight.shape)
    return found


def write_gguf(file: Path, **settings: Any) -> dict[str, np.ndarray]:
    """Write the file; the weights in Llama's names and order. `settings` replace or, if None, leave out entries."""
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import dequantize, quantize

    rng = np.random.default_rng(0)
    shapes = {"attn_q": WIDTH, "attn_k": KV_HEADS * WIDTH // HEADS, "attn_v": KV_HEADS * WIDTH // HEADS}
    shapes |= {"attn_output": WIDTH, "ffn_gate": INNER, "ffn_up": INNER}
    names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj"}
    names |= {"attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj"}
    writer = GGUFWriter(file, settings.pop("architecture", "llama"))
    entries: dict[str, Any] = {
        "llama.context_length": 48,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": KV_HEADS,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 0,
        **settings.pop("entries", {}),
    }
    for key, value in entries.items():
        writer.add_uint32(key, value)
    writer.add_float32("llama.rope.freq_base", 500.0)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    for key, text in {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm", **settings}.items():
        if text is not None:
            writer.add_string(key, text)
    writer.add_string("tokenizer.chat_template", TEMPLATE)
    writer.add_array("tokenizer.ggml.tokens", TOKENS)
    writer.add_array("tokenizer.ggml.token_type", [3, 3, *[1] * (len(TOKENS) - 3), 4])
    writer.add_array("tokenizer.ggml.merges", MERGES)
    expected: dict[str, np.ndarray] = {}

    def add(name: str, published: str, array: np.ndarray, heads: int = 0) -> None:
        stored = pairs(array, heads) if heads else array
        kind = GGMLQuantizationType.Q8_0 if array.ndim == 2 else GGMLQuantizationType.F32
        data = quantize(stored.astype(np.float32), kind)
        writer.add_tensor(name, data, raw_dtype=kind)
        exact = dequantize(data, kind)
        if heads:
            exact = exact.reshape(heads, -1, 2, exact.shape[1]).swapaxes(1, 2).reshape(exact.shape)
        expected[published] = exact

    add("token_embd.weight", "model.embed_tokens.weight", rng.normal(size=(len(TOKENS), WIDTH)))
    add("output_norm.weight", "model.norm.weight", 1 + rng.normal(size=WIDTH) / 10)
    for layer in range(LAYERS):
        ours, theirs = f"blk.{layer}.", f"model.layers.{layer}."
        add(f"{ours}attn_norm.weight", f"{theirs}input_layernorm.weight", 1 + rng.normal(size=WIDTH) / 10)
        add(f"{ours}ffn_norm.weight", f"{theirs}post_attention_layernorm.weight", 1 + rng.normal(size=WIDTH) / 10)
        for part, rows in shapes.items():
            heads = {"attn_q": HEADS, "attn_k": KV_HEADS}.get(part, 0)
            add(f"{ours}{part}.weight", f"{theirs}{names[part]}.weight", rng.normal(size=(rows, WIDTH)) / 4, heads)
        add(f"{ours}ffn_down.weight", f"{theirs}mlp.down_proj.weight", rng.normal(size=(WIDTH, INNER)) / 4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return expected
