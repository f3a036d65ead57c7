"""T5: an encoder-decoder with relative biases, RMSNorm before each sublayer, no biases and unscaled scores.

Of T5's dropout, that within the feed-forward layer and after the last norm has no counterpart in our networks; in
evaluation there is no difference.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import Place, activation, ids, listed, unlike
from seatrial.models.networks.config import NetworkConfig

__all__ = ["T5"]

REQUIRED: dict[str, object] = {
    "kind": "encoder-decoder",
    "positions": "relative-bias",
    "norm": "rms-norm",
    "norm_place": "pre",
    "embedding_norm": False,
    "attention_bias": False,
    "feed_forward_bias": False,
    "attention_scale": 1.0,
    "sliding_window": None,
}
ATTENTION = {"query": "q", "key": "k", "value": "v", "output": "o"}


class T5:
    """The layout `t5`."""

    prefix = ""
    ignored = r"embed_tokens\.weight$|EncDecAttention\.relative_attention_bias|^lm_head\.weight$"
    output = ("lm_head.weight", "shared.weight")

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        if not settings.get("is_encoder_decoder", True):
            raise ResolveError("half of a T5 is not known", where="config.json: is_encoder_decoder")
        width = settings.get("d_model", 512)
        form = settings.get("feed_forward_proj", "relu")
        name = "gelu_new" if form == "gated-gelu" else form.removeprefix("gated-")
        scaled = settings.get("scale_decoder_outputs", settings.get("tie_word_embeddings", True))
        return NetworkConfig(
            kind="encoder-decoder",
            vocab_size=settings.get("vocab_size", 32128),
            width=width,
            layers=settings.get("num_layers", 6),
            decoder_layers=settings.get("num_decoder_layers"),
            heads=settings.get("num_heads", 8),
            head_width=settings.get("d_kv", 64),
            feed_forward_width=settings.get("d_ff", 2048),
            positions="relative-bias",
            relative_buckets=settings.get("relative_attention_num_buckets", 32),
            relative_max_distance=settings.get("relative_attention_max_distance", 128),
            norm="rms-norm",
            norm_place="pre",
            norm_epsilon=settings.get("layer_norm_epsilon", 1e-6),
            activation=activation(name, "feed_forward_proj"),
            gated=form.startswith("gated-"),
            attention_scale=1.0,
            tied=self.output[0]
            not in tensors,  # T5 1.1 says that it is not, and transformers 5 ties it if it is not there
            logit_scale=1 / math.sqrt(width) if scaled else 1.0,
            dropout=settings.get("dropout_rate", 0.1),
            attention_dropout=settings.get("attention_dropout", settings.get("dropout_rate", 0.1)),
            pad_id=settings.get("pad_token_id", 0),
            eos_id=ids(settings.get("eos_token_id", 1)),
            start_id=settings.get("decoder_start_token_id"),
        )

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        name = {"gelu-tanh": "gelu" if config.gated else "gelu_new"}.get(config.activation, config.activation)
        return {
            "architectures": ["T5ForConditionalGeneration"],
            "model_type": "t5",
            "is_encoder_decoder": True,
            "vocab_size": config.vocab_size,
            "d_model": config.width,
            "num_layers": config.layers,
            "num_decoder_layers": config.decoder_depth,
            "num_heads": config.heads,
            "d_kv": config.head_size,
            "d_ff": config.inner_width,
            "relative_attention_num_buckets": config.relative_buckets,
            "relative_attention_max_distance": config.relative_max_distance,
            "layer_norm_epsilon": config.norm_epsilon,
            "feed_forward_proj": f"gated-{name}" if config.gated else name,
            "tie_word_embeddings": config.tied,
            "scale_decoder_outputs": config.logit_scale != 1.0,
            "dropout_rate": config.dropout,
            "attention_dropout": config.attention_dropout,  # of no meaning to transformers
            "pad_token_id": config.pad_id,
            "eos_token_id": listed(config.eos_id),
            "decoder_start_token_id": config.start_id,
        }

    def misfit(self, config: NetworkConfig) -> str | None:
        if config.gated and config.activation == "gelu":  # "gated-gelu" there means the one by tanh
            return "activation is 'gelu' and gated"
        scales = frozenset({1.0, 1 / math.sqrt(config.width)})
        square = {"kv_heads": config.heads, "logit_scale": scales}
        return unlike(config, REQUIRED | square)

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        pairs = {"embedding.tokens.weight": "shared.weight"}
        depths = {"encoder": config.layers, "decoder": config.decoder_depth}
        for stack, depth in depths.items():
            first = f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
            pairs[f"{stack}.bias.table.weight"] = first
            pairs[f"{stack}.last_norm.weight"] = f"{stack}.final_layer_norm.weight"
            for layer in range(depth):
                pairs |= _block(config, stack, layer)
        if not config.tied:
            pairs["head.vocabulary.weight"] = "lm_head.weight"
        return {our: Place(their) for our, their in pairs.items()}


def _block(config: NetworkConfig, stack: str, layer: int) -> dict[str, str]:
    ours, theirs = f"{stack}.blocks.{layer}.", f"{stack}.block.{layer}.layer."
    attentions = {"attention": "SelfAttention"}
    if stack == "decoder":
        attentions["cross_attention"] = "EncDecAttention"
    pairs = {}
    for place, (our, their) in enumerate(attentions.items()):
        pairs[f"{ours}{our}_norm.weight"] = f"{theirs}{place}.layer_norm.weight"
        for one, letter in ATTENTION.items():
            pairs[f"{ours}{our}.{one}.weight"] = f"{theirs}{place}.{their}.{letter}.weight"
    last = len(attentions)
    dense = f"{theirs}{last}.DenseReluDense."
    pairs[f"{ours}feed_forward_norm.weight"] = f"{theirs}{last}.layer_norm.weight"
    pairs[f"{ours}feed_forward.up.weight"] = dense + ("wi_1.weight" if config.gated else "wi.weight")
    pairs[f"{ours}feed_forward.down.weight"] = f"{dense}wo.weight"
    if config.gated:
        pairs[f"{ours}feed_forward.gate.weight"] = f"{dense}wi_0.weight"
    return pairs
