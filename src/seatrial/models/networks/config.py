"""What a network is made of, as one frozen record. Impossible combinations are refused when it is made.

Refuses to know torch: a configuration can be read, checked and compared where no network is ever built.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from seatrial.errors import SpecError

__all__ = ["Activation", "Head", "Kind", "NetworkConfig", "Norm", "NormPlace", "Positions"]

Kind = Literal["encoder", "decoder", "encoder-decoder"]
Positions = Literal["none", "sinusoidal", "learned", "rotary", "alibi", "relative-bias"]
Norm = Literal["layer-norm", "rms-norm"]
NormPlace = Literal["pre", "post"]
Activation = Literal["relu", "gelu", "gelu-tanh", "silu"]
Head = Literal["none", "pooler", "masked-lm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """The architecture of an encoder, a decoder or an encoder-decoder.

    The defaults are those of a small decoder as it is built today (Llama): rotary positions, RMSNorm before each
    sublayer, a gated feed-forward layer without biases, input and output embeddings tied.

    Args:
        kind: ``"encoder"`` sees the whole text (BERT), ``"decoder"`` only what came before (GPT), ``"encoder-decoder"``
            is one of each, the second looking at the first (T5).
        vocab_size: tokens in the vocabulary, V.
        width: of the vectors that run through the blocks, E.
        layers: blocks; those of the encoder in an encoder-decoder.
        decoder_layers: blocks of the decoder in an encoder-decoder; None: as many.
        heads: of the queries, H.
        key_value_heads: heads of keys and values, K, which H must be a multiple of; None: as many as `heads`. Fewer
            make a smaller cache (grouped-query attention), 1 the smallest (multi-query).
        head_width: D; None: `width / heads`.
        feed_forward_width: F; None: four times `width`.
        max_positions: the longest text, in tokens. Binding for learned and sinusoidal positions.
        positions: how the network knows where a token stands.
        rotary_base: θ of rotary positions; longer texts want a larger one.
        relative_buckets: distances that a relative bias tells apart.
        relative_max_distance: from here on all distances share one bucket.
        norm: which normalisation.
        norm_place: before a sublayer (``"pre"``, trains without warm-up) or after its residual sum (``"post"``).
        norm_epsilon: what keeps the division away from zero.
        embedding_norm: normalise the embeddings too, as BERT does.
        activation: within the feed-forward layer.
        gated: multiply by a second projection; with ``"silu"`` this is SwiGLU.
        attention_bias: biases in the four projections of attention.
        feed_forward_bias: biases in the feed-forward layer.
        attention_scale: what scores are multiplied with; None: 1/√D. T5 uses 1.
        sliding_window: a token sees the last so many tokens, itself included (an encoder: as many on both sides); None:
            all.
        token_types: kinds of segments that an encoder's inputs may tell apart; 0: none.
        head: what is on top of an encoder.
        tied: the output layer uses the input embedding's weights.
        logit_scale: what hidden states are multiplied with before the output layer. T5 uses E^-½.
        dropout: share of values dropped after the embedding and each sublayer, in training.
        attention_dropout: share of attention weights dropped, in training.
        init_std: standard deviation of fresh weights.
        pad_id: id that fills gaps; None: there is none.
        bos_id: id that begins a text.
        eos_id: id that ends a text, or several that may.
        start_id: id that a decoder of an encoder-decoder begins with.

    Raises:
        SpecError: a value out of range, or a combination that is no network; `where` is ``network.FIELD``.
    """

    kind: Kind
    vocab_size: int
    width: int
    layers: int
    heads: int
    decoder_layers: int | None = None
    key_value_heads: int | None = None
    head_width: int | None = None
    feed_forward_width: int | None = None
    max_positions: int = 1024
    positions: Positions = "rotary"
    rotary_base: float = 10_000.0
    relative_buckets: int = 32
    relative_max_distance: int = 128
    norm: Norm = "rms-norm"
    norm_place: NormPlace = "pre"
    norm_epsilon: float = 1e-5
    embedding_norm: bool = False
    activation: Activation = "silu"
    gated: bool = True
    attention_bias: bool = False
    feed_forward_bias: bool = False
    attention_scale: float | None = None
    sliding_window: int | None = None
    token_types: int = 0
    head: Head = "none"
    tied: bool = True
    logit_scale: float = 1.0
    dropout: float = 0.0
    attention_dropout: float = 0.0
    init_std: float = 0.02
    pad_id: int | None = None
    bos_id: int | None = None
    eos_id: int | tuple[int, ...] | None = None
    start_id: int | None = None

    def __post_init__(self) -> None:
        _check_choices(self)
        _check_sizes(self)
        _check_shapes(self)
        _check_together(self)

    @property
    def kv_heads(self) -> int:
        """K, heads of keys and values."""
        return self.heads if self.key_value_heads is None else self.key_value_heads

    @property
    def head_size(self) -> int:
        """D, the width of a head."""
        return self.width // self.heads if self.head_width is None else self.head_width

    @property
    def inner_width(self) -> int:
        """F, the width within the feed-forward layer."""
        return 4 * self.width if self.feed_forward_width is None else self.feed_forward_width

    @property
    def decoder_depth(self) -> int:
        """Blocks of the part that decodes."""
        return self.layers if self.decoder_layers is None else self.decoder_layers


def _refuse(field: str, message: str, expected: str, hint: str | None = None) -> SpecError:
    return SpecError(message, where=f"network.{field}", expected=expected, hint=hint)


def _check_choices(config: NetworkConfig) -> None:
    hints: dict[str, Any] = get_type_hints(NetworkConfig)
    for field in fields(config):
        choices = get_args(hints[field.name])
        value = getattr(config, field.name)
        if choices and all(isinstance(choice, str) for choice in choices) and value not in choices:
            raise _refuse(field.name, f"{value!r} is not known", "one of " + ", ".join(map(str, choices)))


AT_LEAST_ONE = (
    "vocab_size",
    "width",
    "layers",
    "decoder_layers",
    "heads",
    "key_value_heads",
    "head_width",
    "feed_forward_width",
    "max_positions",
    "relative_max_distance",
    "sliding_window",
)


def _check_sizes(config: NetworkConfig) -> None:
    for name in AT_LEAST_ONE:
        value = getattr(config, name)
        if value is not None and value < 1:
            raise _refuse(name, f"{value} is too small", "1 or more")
    for name in ("dropout", "attention_dropout"):
        if not 0 <= getattr(config, name) < 1:
            raise _refuse(name, f"{getattr(config, name)} is no share", "0 or more, below 1")
    for name in ("rotary_base", "norm_epsilon", "init_std", "logit_scale", "attention_scale"):
        value = getattr(config, name)
        if value is not None and value <= 0:
            raise _refuse(name, f"{value} is not positive", "more than 0")
    if config.token_types < 0:
        raise _refuse("token_types", f"{config.token_types} is too small", "0 or more")
    for name in ("pad_id", "bos_id", "eos_id", "start_id"):
        value = getattr(config, name)
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None and not 0 <= number < config.vocab_size:
                raise _refuse(name, f"{number} is not in the vocabulary", f"0 to {config.vocab_size - 1}")


def _check_shapes(config: NetworkConfig) -> None:
    if config.head_width is None and config.width % config.heads:
        raise _refuse(
            "heads",
            f"a width of {config.width} cannot be divided among {config.heads} heads",
            "a divisor of network.width",
            "change one of them, or give network.head_width",
        )
    if config.heads % config.kv_heads:
        raise _refuse(
            "key_value_heads",
            f"{config.heads} heads of queries cannot share {config.kv_heads} heads of keys and values alike",
            "a divisor of network.heads",
        )
    if config.positions == "rotary" and config.head_size % 2:
        raise _refuse("head_width", f"rotary positions turn pairs, and {config.head_size} is odd", "an even number")
    if config.positions == "sinusoidal" and config.width % 2:
        raise _refuse("width", f"sinusoidal positions come in pairs, and {config.width} is odd", "an even number")
    if config.positions == "relative-bias" and (config.relative_buckets < 4 or config.relative_buckets % 2):
        raise _refuse(
            "relative_buckets", f"{config.relative_buckets} cannot be halved well", "an even number from 4 on"
        )
    exact = config.relative_buckets // 2
    if config.positions == "relative-bias" and config.relative_max_distance <= exact:
        raise _refuse(
            "relative_max_distance",
            f"{config.relative_max_distance} lies within the distances that have a bucket each",
            f"more than {exact}",
        )


def _check_together(config: NetworkConfig) -> None:
    if config.decoder_layers is not None and config.kind != "encoder-decoder":
        raise _refuse("decoder_layers", f"{config.kind} has one stack of blocks", "none, with network.layers alone")
    if config.head != "none" and config.kind != "encoder":
        raise _refuse("head", f"{config.kind} always ends in logits", "none; other heads are for encoders")
    if config.token_types and config.kind != "encoder":
        raise _refuse("token_types", f"{config.kind} does not tell segments apart", "0")
    if config.start_id is not None and config.kind != "encoder-decoder":
        raise _refuse("start_id", f"{config.kind} begins with the text itself", "none")
    if config.positions == "alibi" and config.kind == "encoder-decoder":
        raise _refuse(
            "positions",
            "ALiBi is made for one stack that looks back",
            "another kind of positions",
            "use relative-bias, which is made for encoder-decoders",
        )
