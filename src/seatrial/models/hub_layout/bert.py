"""BERT: an encoder with learned positions, segments, LayerNorm after each sublayer, and a pooler or a masked-LM
head."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import Place, activation, ids, listed, unlike
from seatrial.models.networks.config import Head, NetworkConfig

__all__ = ["Bert"]

REQUIRED: dict[str, object] = {
    "kind": "encoder",
    "positions": "learned",
    "norm": "layer-norm",
    "norm_place": "post",
    "embedding_norm": True,
    "activation": frozenset({"relu", "gelu", "gelu-tanh", "silu"}),
    "gated": False,
    "attention_bias": True,
    "feed_forward_bias": True,
    "attention_scale": None,
    "sliding_window": None,
    "logit_scale": 1.0,
}
MASKED_LM = "cls.predictions.transform.dense.weight"
BLOCK = {
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "feed_forward.up": "intermediate.dense",
    "feed_forward.down": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}


class Bert:
    """The layout `bert`."""

    prefix = "bert."
    ignored = r"embeddings\.position_ids$|^cls\.seq_relationship\.|^cls\.predictions\.decoder\.|pooler\."
    output = ("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight")

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        if settings.get("position_embedding_type", "absolute") != "absolute" or settings.get("is_decoder"):
            raise ResolveError("a BERT with relative positions or as a decoder is not known", where="config.json")
        head = _head(tensors)
        if head == "masked-lm" and (self.output[0] in tensors or not settings.get("tie_word_embeddings", True)):
            raise ResolveError("a BERT whose masked-LM head is not tied is not known", where="config.json")
        return NetworkConfig(
            kind="encoder",
            vocab_size=settings.get("vocab_size", 30522),
            width=settings.get("hidden_size", 768),
            layers=settings.get("num_hidden_layers", 12),
            heads=settings.get("num_attention_heads", 12),
            feed_forward_width=settings.get("intermediate_size", 3072),
            max_positions=settings.get("max_position_embeddings", 512),
            positions="learned",
            norm="layer-norm",
            norm_place="post",
            norm_epsilon=settings.get("layer_norm_eps", 1e-12),
            embedding_norm=True,
            activation=activation(settings.get("hidden_act", "gelu"), "hidden_act"),
            gated=False,
            attention_bias=True,
            feed_forward_bias=True,
            token_types=settings.get("type_vocab_size", 2),
            head=head,
            dropout=settings.get("hidden_dropout_prob", 0.1),
            attention_dropout=settings.get("attention_probs_dropout_prob", 0.1),
            init_std=settings.get("initializer_range", 0.02),
            pad_id=settings.get("pad_token_id", 0),
            bos_id=settings.get("bos_token_id"),
            eos_id=ids(settings.get("eos_token_id")),
        )

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        return {
            "architectures": ["BertForMaskedLM" if config.head == "masked-lm" else "BertModel"],
            "model_type": "bert",
            "vocab_size": config.vocab_size,
            "hidden_size": config.width,
            "num_hidden_layers": config.layers,
            "num_attention_heads": config.heads,
            "intermediate_size": config.inner_width,
            "max_position_embeddings": config.max_positions,
            "layer_norm_eps": config.norm_epsilon,
            "hidden_act": {"gelu-tanh": "gelu_new"}.get(config.activation, config.activation),
            "type_vocab_size": config.token_types,
            "tie_word_embeddings": True,
            "hidden_dropout_prob": config.dropout,
            "attention_probs_dropout_prob": config.attention_dropout,
            "initializer_range": config.init_std,
            "pad_token_id": config.pad_id,
            "bos_token_id": config.bos_id,
            "eos_token_id": listed(config.eos_id),
        }

    def misfit(self, config: NetworkConfig) -> str | None:
        if config.head == "masked-lm" and not config.tied:
            return "the masked-LM head is not tied"
        square = {"head_size": config.width // config.heads, "kv_heads": config.heads}
        return unlike(config, REQUIRED | square) or ("token_types is 0" if not config.token_types else None)

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        masked_lm = config.head == "masked-lm"
        ours, theirs = ("encoder.", "bert.") if masked_lm else ("", "")
        pairs = {
            f"{ours}embedding.tokens.weight": f"{theirs}embeddings.word_embeddings.weight",
            f"{ours}embedding.positions.table.weight": f"{theirs}embeddings.position_embeddings.weight",
            f"{ours}embedding.token_types.weight": f"{theirs}embeddings.token_type_embeddings.weight",
        }
        layers = {f"{ours}embedding.norm": f"{theirs}embeddings.LayerNorm"}
        for layer in range(config.layers):
            before = f"{ours}stack.blocks.{layer}.", f"{theirs}encoder.layer.{layer}."
            layers |= {before[0] + our: before[1] + their for our, their in BLOCK.items()}
        if config.head == "pooler":
            layers["pooler.dense"] = "pooler.dense"
        if masked_lm:
            layers["head.dense"] = "cls.predictions.transform.dense"
            layers["head.norm"] = "cls.predictions.transform.LayerNorm"
            pairs["head.bias"] = "cls.predictions.bias"
        pairs |= {f"{our}.{kind}": f"{their}.{kind}" for our, their in layers.items() for kind in ("weight", "bias")}
        return {our: Place(their) for our, their in pairs.items()}


def _head(tensors: Collection[str]) -> Head:
    if MASKED_LM in tensors:
        return "masked-lm"
    return "pooler" if any(name.endswith("pooler.dense.weight") for name in tensors) else "none"
