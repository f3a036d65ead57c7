"""The key `model.network`: a network of our own, built from nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["NetworkKind", "NetworkSpec"]

NetworkKind = Literal["decoder", "encoder", "encoder-decoder"]


class NetworkSpec(Section):
    """The architecture of a network that begins with random weights.

    What is left out follows from the task: a decoder as Llama for `causal-lm`, an encoder as BERT for `masked-lm`, an
    encoder-decoder as T5 for `seq2seq`; a release in such a form opens in transformers. docs/models/README.md explains
    the parts.
    """

    layers: int = Field(default=4, ge=1, le=200)
    """Blocks; those of the encoder in an encoder-decoder."""
    width: int = Field(default=128, ge=4, le=16_384)
    """Of the vectors that run through the blocks."""
    heads: int = Field(default=4, ge=1, le=256)
    """Heads of attention; a divisor of `width` unless `head_width` is given."""
    decoder_layers: int | None = Field(default=None, ge=1, le=200)
    """Blocks of the decoder in an encoder-decoder; null: as many as `layers`."""
    key_value_heads: int | None = Field(default=None, ge=1, le=256)
    """Heads of keys and values, a divisor of `heads`; null: as many."""
    head_width: int | None = Field(default=None, ge=1, le=1024)
    """Width of a head; null: `width / heads`."""
    feed_forward_width: int | None = Field(default=None, ge=1, le=65_536)
    """Width within the feed-forward layer; null: four times `width`, less where it is gated, for as many weights."""
    positions: Literal["none", "sinusoidal", "learned", "rotary", "alibi", "relative-bias"] | None = None
    """How the network knows where a token stands."""
    norm: Literal["layer-norm", "rms-norm"] | None = None
    """Which normalisation."""
    norm_place: Literal["pre", "post"] | None = None
    """Before a sublayer, or after its residual sum."""
    embedding_norm: bool | None = None
    """Normalise the embeddings too."""
    activation: Literal["relu", "gelu", "gelu-tanh", "silu"] | None = None
    """Within the feed-forward layer."""
    gated: bool | None = None
    """Multiply by a second projection; with `silu` this is SwiGLU."""
    attention_bias: bool | None = None
    """Biases in the projections of attention."""
    feed_forward_bias: bool | None = None
    """Biases in the feed-forward layer."""
    attention_scale: float | None = Field(default=None, gt=0)
    """What scores are multiplied with; null: one over the root of the head's width, as T5 none."""
    sliding_window: int | None = Field(default=None, ge=1)
    """A token sees the last so many tokens; null: all."""
    tied: bool | None = None
    """The output layer uses the input embedding's weights."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of values dropped in training, after the embedding and each sublayer."""
    init_std: float = Field(default=0.02, gt=0)
    """Standard deviation of fresh weights."""
