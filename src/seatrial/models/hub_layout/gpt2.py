"""GPT-2: a decoder with learned positions and LayerNorm before each sublayer.

Its linear layers keep their weights as [in, out], and one of them holds query, key and value together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import Place, activation, ids, listed, unlike
from seatrial.models.networks.config import NetworkConfig

__all__ = ["Gpt2"]

REQUIRED: dict[str, object] = {
    "kind": "decoder",
    "positions": "learned",
    "norm": "layer-norm",
    "norm_place": "pre",
    "embedding_norm": False,
    "gated": False,
    "attention_bias": True,
    "feed_forward_bias": True,
    "sliding_window": None,
    "logit_scale": 1.0,
}
LINEAR = {
    "attention.output": "attn.c_proj",
    "feed_forward.up": "mlp.c_fc",
    "feed_forward.down": "mlp.c_proj",
}
NORMS = {"attention_norm": "ln_1", "feed_forward_norm": "ln_2"}


class Gpt2:
    """The layout `gpt2`."""

    prefix = "transformer."
    ignored = r"\.attn\.(masked_)?bias$|^lm_head\.weight$"
    output = ("lm_head.weight", "transformer.wte.weight")

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        for key in ("scale_attn_by_inverse_layer_idx", "add_cross_attention"):
            if settings.get(key):
                raise ResolveError(f"a GPT-2 with {key} is not known", where=f"config.json: {key}")
        return NetworkConfig(
            kind="decoder",
            vocab_size=settings.get("vocab_size", 50257),
            width=settings.get("n_embd", 768),
            layers=settings.get("n_layer", 12),
            heads=settings.get("n_head", 12),
            feed_forward_width=settings.get("n_inner"),
            max_positions=settings.get("n_positions", 1024),
            positions="learned",
            norm="layer-norm",
            norm_place="pre",
            norm_epsilon=settings.get("layer_norm_epsilon", 1e-5),
            activation=activation(settings.get("activation_function", "gelu_new"), "activation_function"),
            gated=False,
            attention_bias=True,
            feed_forward_bias=True,
            attention_scale=None if settings.get("scale_attn_weights", True) else 1.0,
            tied=settings.get("tie_word_embeddings", True) and self.output[0] not in tensors,
            dropout=settings.get("resid_pdrop", 0.1),
            attention_dropout=settings.get("attn_pdrop", 0.1),
            init_std=settings.get("initializer_range", 0.02),
            pad_id=settings.get("pad_token_id"),
            bos_id=_within(settings.get("bos_token_id"), settings),
            eos_id=ids(_within(settings.get("eos_token_id"), settings)),
        )

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        return {
            "architectures": ["GPT2LMHeadModel"],
            "model_type": "gpt2",
            "vocab_size": config.vocab_size,
            "n_embd": config.width,
            "n_layer": config.layers,
            "n_head": config.heads,
            "n_inner": config.inner_width,
            "n_positions": config.max_positions,
            "layer_norm_epsilon": config.norm_epsilon,
            "activation_function": {"gelu-tanh": "gelu_new"}.get(config.activation, config.activation),
            "scale_attn_weights": config.attention_scale is None,
            "tie_word_embeddings": config.tied,
            "embd_pdrop": config.dropout,
            "resid_pdrop": config.dropout,
            "attn_pdrop": config.attention_dropout,
            "initializer_range": config.init_std,
            "pad_token_id": config.pad_id,
            "bos_token_id": config.bos_id,
            "eos_token_id": listed(config.eos_id),
        }

    def misfit(self, config: NetworkConfig) -> str | None:
        square = {"head_size": config.width // config.heads, "kv_heads": config.heads}
        return unlike(config, REQUIRED | square | {"attention_scale": frozenset({None, 1.0})})

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        places = {
            "embedding.tokens.weight": Place("transformer.wte.weight"),
            "embedding.positions.table.weight": Place("transformer.wpe.weight"),
            "stack.last_norm.weight": Place("transformer.ln_f.weight"),
            "stack.last_norm.bias": Place("transformer.ln_f.bias"),
        }
        for layer in range(config.layers):
            ours, theirs = f"stack.blocks.{layer}.", f"transformer.h.{layer}."
            for kind in ("weight", "bias"):
                transposed = kind == "weight"
                for our, their in LINEAR.items():
                    places[f"{ours}{our}.{kind}"] = Place(f"{theirs}{their}.{kind}", transposed)
                for part, our in enumerate(("query", "key", "value")):
                    together = Place(f"{theirs}attn.c_attn.{kind}", transposed, part, 3)
                    places[f"{ours}attention.{our}.{kind}"] = together
                for our, their in NORMS.items():
                    places[f"{ours}{our}.{kind}"] = Place(f"{theirs}{their}.{kind}")
        if not config.tied:
            places["head.vocabulary.weight"] = Place("lm_head.weight")
        return places


def _within(token_id: Any, settings: Mapping[str, Any]) -> Any:
    """None for the id that transformers fills in by default (50256) where the vocabulary is smaller."""
    return None if isinstance(token_id, int) and token_id >= settings.get("vocab_size", 50257) else token_id
