"""Llama, and Mistral, which adds a sliding window: decoders with rotary positions, RMSNorm and a gated feed-forward
layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import Place, activation, ids, listed, unlike
from seatrial.models.networks.config import NetworkConfig

__all__ = ["Llama", "Mistral"]

REQUIRED: dict[str, object] = {
    "kind": "decoder",
    "positions": "rotary",
    "norm": "rms-norm",
    "norm_place": "pre",
    "embedding_norm": False,
    "gated": True,
    "attention_scale": None,
    "logit_scale": 1.0,
}
BLOCK = {
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
}
NORMS = {"attention_norm": "input_layernorm", "feed_forward_norm": "post_attention_layernorm"}


class Llama:
    """The layout `llama`."""

    prefix = "model."
    ignored = r"rotary_emb\.inv_freq$|^lm_head\.weight$"
    output = ("lm_head.weight", "model.embed_tokens.weight")

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        return NetworkConfig(
            kind="decoder",
            vocab_size=settings.get("vocab_size", 32000),
            width=settings.get("hidden_size", 4096),
            layers=settings.get("num_hidden_layers", 32),
            heads=settings.get("num_attention_heads", 32),
            key_value_heads=settings.get("num_key_value_heads"),
            head_width=settings.get("head_dim"),
            feed_forward_width=settings.get("intermediate_size", 11008),
            max_positions=settings.get("max_position_embeddings", 2048),
            positions="rotary",
            rotary_base=_rotary_base(settings),
            norm="rms-norm",
            norm_place="pre",
            norm_epsilon=settings.get("rms_norm_eps", 1e-6),
            activation=activation(settings.get("hidden_act", "silu"), "hidden_act"),
            gated=True,
            attention_bias=settings.get("attention_bias", False),
            feed_forward_bias=settings.get("mlp_bias", False),
            tied=settings.get("tie_word_embeddings", False) and self.output[0] not in tensors,
            dropout=settings.get("dropout", 0.0),
            attention_dropout=settings.get("attention_dropout", 0.0),
            init_std=settings.get("initializer_range", 0.02),
            pad_id=settings.get("pad_token_id"),
            bos_id=settings.get("bos_token_id"),
            eos_id=ids(settings.get("eos_token_id")),
            sliding_window=self.window(settings),
        )

    def window(self, settings: Mapping[str, Any]) -> int | None:
        """The sliding window; Llama has none."""
        return None

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": config.vocab_size,
            "hidden_size": config.width,
            "num_hidden_layers": config.layers,
            "num_attention_heads": config.heads,
            "num_key_value_heads": config.kv_heads,
            "head_dim": config.head_size,
            "intermediate_size": config.inner_width,
            "max_position_embeddings": config.max_positions,
            "rope_parameters": {"rope_type": "default", "rope_theta": config.rotary_base},
            "rope_theta": config.rotary_base,  # the same for readers older than transformers 5
            "rms_norm_eps": config.norm_epsilon,
            "hidden_act": {"gelu-tanh": "gelu_pytorch_tanh"}.get(config.activation, config.activation),
            "attention_bias": config.attention_bias,
            "mlp_bias": config.feed_forward_bias,
            "tie_word_embeddings": config.tied,
            "dropout": config.dropout,  # of no meaning to transformers: it only matters while we train
            "attention_dropout": config.attention_dropout,
            "initializer_range": config.init_std,
            "pad_token_id": config.pad_id,
            "bos_token_id": config.bos_id,
            "eos_token_id": listed(config.eos_id),
        }

    def misfit(self, config: NetworkConfig) -> str | None:
        return unlike(config, REQUIRED | {"sliding_window": None})

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        pairs = {
            "embedding.tokens.weight": "model.embed_tokens.weight",
            "stack.last_norm.weight": "model.norm.weight",
        }
        for layer in range(config.layers):
            ours, theirs = f"stack.blocks.{layer}.", f"model.layers.{layer}."
            pairs |= {f"{ours}{our}.weight": f"{theirs}{their}.weight" for our, their in (BLOCK | NORMS).items()}
            for our, their in BLOCK.items():
                if config.attention_bias if our.startswith("attention") else config.feed_forward_bias:
                    pairs[f"{ours}{our}.bias"] = f"{theirs}{their}.bias"
        if not config.tied:
            pairs["head.vocabulary.weight"] = "lm_head.weight"
        return {our: Place(their) for our, their in pairs.items()}


class Mistral(Llama):
    """The layout `mistral`."""

    def window(self, settings: Mapping[str, Any]) -> int | None:
        """The sliding window."""
        width: int | None = settings.get("sliding_window")
        return width

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        settings = super().write_config(config)
        mistral = {
            "architectures": ["MistralForCausalLM"],
            "model_type": "mistral",
            "sliding_window": config.sliding_window,
        }
        return settings | mistral

    def misfit(self, config: NetworkConfig) -> str | None:
        plain: dict[str, object] = {"attention_bias": False, "feed_forward_bias": False}
        return unlike(config, REQUIRED | plain)


def _rotary_base(settings: Mapping[str, Any]) -> float:
    """θ from `rope_parameters` (transformers 5) or from `rope_theta` and `rope_scaling` (before)."""
    rope = settings.get("rope_parameters") or settings.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise ResolveError(
            f"rotary positions that are scaled by {kind!r} are not known",
            where="config.json: rope_parameters",
            expected="rope_type: default",
        )
    return float(rope.get("rope_theta", settings.get("rope_theta", 10_000.0)))
