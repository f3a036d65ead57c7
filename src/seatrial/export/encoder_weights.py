"""Reads the weights of BERT-like models under one set of names, whatever the checkpoint calls them.

BERT, RoBERTa and DistilBERT compute the same function with different names, position offsets and heads; a family is one
entry in `FAMILIES`, with a classifier's head or, as the encoder in `models.mean_pooled.MeanPooled`, without. Refuses to
know: ONNX. A model that is not one of these families, or that uses an option which changes the function (another
activation, relative positions), is answered with None, never with a wrong graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["EncoderWeights", "Head", "LayerWeights", "Linear", "Norm", "read_weights"]


@dataclass(frozen=True, slots=True)
class Linear:
    """``x @ weight + bias``; weight is [inputs, outputs] (transposed against torch), bias is [outputs]."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Norm:
    """Scale and shift of a layer normalisation, each [hidden]."""

    gamma: Floats
    beta: Floats


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One encoder layer; `qkv` holds query, key and value side by side: [hidden, 3·hidden]."""

    qkv: Linear
    attention_output: Linear
    attention_norm: Norm
    intermediate: Linear
    output: Linear
    output_norm: Norm


@dataclass(frozen=True, slots=True)
class Head:
    """A classifier that reads the first position: `dense`, then `activation` (an ONNX operator), then `classifier`; or,
    without `dense`, every position: `classifier` alone."""

    dense: Linear | None
    activation: str
    classifier: Linear

    @property
    def reads_first(self) -> bool:
        """Whether only the first position goes on into it."""
        return self.dense is not None


@dataclass(frozen=True, slots=True)
class EncoderWeights:
    """A post-norm encoder with absolute positions.

    Attributes:
        words: [vocabulary, hidden].
        positions: [longest input, hidden]; row i is for the i-th token, token type 0 already added.
        head: the classifier on top; None where all positions are pooled into one unit vector instead.
    """

    words: Floats
    positions: Floats
    embedding_norm: Norm
    layers: tuple[LayerWeights, ...]
    head: Head | None
    heads: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Family:
    """What one family of checkpoints calls its parts."""

    embeddings: str
    layer: str
    query: str
    key: str
    value: str
    attention_output: str
    attention_norm: str
    intermediate: str
    output: str
    output_norm: str
    head: str = ""
    head_activation: str = ""
    classifier: str = ""
    positions_after_padding: bool = False


def _bert(prefix: str, head: str = "", classifier: str = "", positions_after_padding: bool = False) -> _Family:
    return _Family(
        embeddings=f"{prefix}.embeddings",
        layer=f"{prefix}.encoder.layer",
        query="attention.self.query",
        key="attention.self.key",
        value="attention.self.value",
        attention_output="attention.output.dense",
        attention_norm="attention.output.LayerNorm",
        intermediate="intermediate.dense",
        output="output.dense",
        output_norm="output.LayerNorm",
        head=head,
        head_activation="Tanh",
        classifier=classifier,
        positions_after_padding=positions_after_padding,
    )


def _distilbert(prefix: str, head: str = "", classifier: str = "") -> _Family:
    return _Family(
        embeddings=f"{prefix}.embeddings",
        layer=f"{prefix}.transformer.layer",
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        attention_output="attention.out_lin",
        attention_norm="sa_layer_norm",
        intermediate="ffn.lin1",
        output="ffn.lin2",
        output_norm="output_layer_norm",
        head=head,
        head_activation="Relu",
        classifier=classifier,
    )


_ROBERTA = _bert("roberta", "classifier.dense", "classifier.out_proj", positions_after_padding=True)
_HEADLESS_ROBERTA = _bert("encoder", positions_after_padding=True)
_ROBERTA_TOKENS = _bert("roberta", classifier="classifier", positions_after_padding=True)
FAMILIES: Mapping[str, _Family] = {
    "BertForSequenceClassification": _bert("bert", "bert.pooler.dense", "classifier"),
    "RobertaForSequenceClassification": _ROBERTA,
    "XLMRobertaForSequenceClassification": _ROBERTA,
    "CamembertForSequenceClassification": _ROBERTA,
    "DistilBertForSequenceClassification": _distilbert("distilbert", "pre_classifier", "classifier"),
    "BertForTokenClassification": _bert("bert", classifier="classifier"),
    "RobertaForTokenClassification": _ROBERTA_TOKENS,
    "XLMRobertaForTokenClassification": _ROBERTA_TOKENS,
    "CamembertForTokenClassification": _ROBERTA_TOKENS,
    "DistilBertForTokenClassification": _distilbert("distilbert", classifier="classifier"),
    "MeanPooled BertModel": _bert("encoder"),
    "MeanPooled RobertaModel": _HEADLESS_ROBERTA,
    "MeanPooled XLMRobertaModel": _HEADLESS_ROBERTA,
    "MeanPooled CamembertModel": _HEADLESS_ROBERTA,
    "MeanPooled DistilBertModel": _distilbert("encoder"),
}
"""By class name; a wrapper's name stands before its encoder's."""


class _Reader:
    """Takes tensors out of a state dict as float32 arrays."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._state = model.state_dict()

    def __contains__(self, name: str) -> bool:
        return name in self._state

    def array(self, name: str) -> Floats:
        array: Floats = self._state[name].detach().float().cpu().numpy()
        return array

    def linear(self, *names: str) -> Linear:
        """One linear layer, or several side by side."""
        weights = [self.array(f"{name}.weight").T for name in names]
        biases = [self.array(f"{name}.bias") for name in names]
        return Linear(np.ascontiguousarray(np.concatenate(weights, axis=1)), np.concatenate(biases))

    def norm(self, name: str) -> Norm:
        return Norm(self.array(f"{name}.weight"), self.array(f"{name}.bias"))


def read_weights(model: torch.nn.Module) -> EncoderWeights | None:
    """The weights of a model that `encoder_graph` can express exactly, or None for every other model.

    Args:
        model: a transformers classifier of sequences or tokens, or an encoder in `MeanPooled`.
    """
    from seatrial.models.mean_pooled import MeanPooled

    pooled = isinstance(model, MeanPooled)
    name = f"MeanPooled {type(model.encoder).__name__}" if pooled else type(model).__name__
    family = FAMILIES.get(name)
    config: Any = model.config
    activation = getattr(config, "hidden_act", None) or getattr(config, "activation", None)
    if (
        family is None
        or activation != "gelu"
        or getattr(config, "position_embedding_type", "absolute") != "absolute"
        or getattr(config, "is_decoder", False)
    ):
        return None
    read = _Reader(model)
    positions = read.array(f"{family.embeddings}.position_embeddings.weight")
    if family.positions_after_padding:  # RoBERTa numbers its tokens from padding_idx + 1
        positions = positions[config.pad_token_id + 1 :]
    token_types = f"{family.embeddings}.token_type_embeddings.weight"
    if token_types in read:
        positions = positions + read.array(token_types)[0]
    return EncoderWeights(
        words=read.array(f"{family.embeddings}.word_embeddings.weight"),
        positions=positions,
        embedding_norm=read.norm(f"{family.embeddings}.LayerNorm"),
        layers=tuple(_layer(read, family, f"{family.layer}.{i}") for i in range(config.num_hidden_layers)),
        head=_head(read, family),
        heads=config.num_attention_heads,
        epsilon=getattr(config, "layer_norm_eps", 1e-12),
    )


def _head(read: _Reader, family: _Family) -> Head | None:
    if not family.classifier:
        return None
    dense = read.linear(family.head) if family.head else None
    return Head(dense, family.head_activation, read.linear(family.classifier))


def _layer(read: _Reader, family: _Family, prefix: str) -> LayerWeights:
    return LayerWeights(
        qkv=read.linear(f"{prefix}.{family.query}", f"{prefix}.{family.key}", f"{prefix}.{family.value}"),
        attention_output=read.linear(f"{prefix}.{family.attention_output}"),
        attention_norm=read.norm(f"{prefix}.{family.attention_norm}"),
        intermediate=read.linear(f"{prefix}.{family.intermediate}"),
        output=read.linear(f"{prefix}.{family.output}"),
        output_norm=read.norm(f"{prefix}.{family.output_norm}"),
    )
