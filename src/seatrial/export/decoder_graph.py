"""Builds the ONNX graph of a decoder of the Llama family straight from its weights, in onnxruntime's fused operators.

A layer is ten nodes, whatever the precision: two "add and normalise", four products, one attention that turns, appends
to the cache and attends, and three for the gated feed-forward. The cache is an input and an output of the same shape,
so that a caller binds both to one buffer and nothing is copied. The last feed-forward, the last norm and the output
projection are computed for the positions in `rows` only.

Refuses to know: torch, transformers, how weights are rounded (`weight_blocks`), who runs the graph.

Shapes: B sequences, T new tokens of each, E width, H query heads, K key-value heads, D width of a head, I feed-forward,
S capacity of the cache, N rows asked for, V vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.artifact.atomic import atomic_folder
from seatrial.errors import ArtifactError
from seatrial.export.decoder_family import HEAD_MULTIPLE
from seatrial.export.decoder_weights import DecoderWeights, Projection
from seatrial.export.encoder_graph import IR_VERSION, OPSET
from seatrial.export.weight_blocks import Blocks, quantize

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

__all__ = ["PRECISIONS", "Precision", "Rounding", "decoder_graph", "write_decoder"]

MICROSOFT = "com.microsoft"
INT8_ACTIVATIONS = 4  # onnxruntime's accuracy level 4: activations are rounded to int8, block by block
FILE = "model.onnx"
INLINE_BYTES = 1_500_000_000  # protobuf ends at 2 GB; above this the weights lie beside the graph


@dataclass(frozen=True, slots=True)
class Rounding:
    """Bits of a value and values of a block. Weights whose inputs are no whole blocks of 4 bits are kept in 8."""

    bits: int
    size: int


@dataclass(frozen=True, slots=True)
class Precision:
    """What each kind of weight is rounded to; None keeps float32. `tokens` is the embedding table and the head."""

    attention: Rounding | None
    feed_forward: Rounding | None
    tokens: Rounding | None


PRECISIONS: Mapping[str, Precision] = {
    "fp32": Precision(None, None, None),
    "int8": Precision(Rounding(8, 64), Rounding(8, 64), Rounding(8, 64)),
    "int4": Precision(Rounding(8, 64), Rounding(4, 32), Rounding(8, 64)),
}
"""By name. Figures of each: docs/decisions/0009-decoding.md."""


def write_decoder(weights: DecoderWeights, folder: Path, precision: Precision) -> Path:
    """Write the graph into a new folder; gives the file that `generate.engines.onnx` opens."""
    import onnx

    model = decoder_graph(weights, precision)
    with atomic_folder(folder) as made:
        large = model.ByteSize() > INLINE_BYTES
        onnx.save_model(model, made / FILE, save_as_external_data=large, location=f"{FILE}.data" if large else None)
    return folder / FILE


def decoder_graph(weights: DecoderWeights, precision: Precision) -> onnx.ModelProto:
    """The model as ONNX.

    Inputs: `input_ids` int64 [B, T]; `seqlens_k` int32 [B], a sequence's tokens after this call less one;
    `total_sequence_length` int32 [], the largest of them plus one; `rows` int64 [N], which of the B·T positions want
    logits; `past.I.key` and `past.I.value` float32 [B, K, S, D] for each layer I. Outputs: `logits` float32 [N, V] and
    `present.I.key`, `present.I.value`. B > 1 goes with T = 1, or with empty caches: onnxruntime's attention on CPUs
    takes no several continued sequences with several tokens each.

    Raises ArtifactError for heads of a width that onnxruntime's attention does not take.

    The metadata entry `seatrial.decoder` holds vocabulary, context, layers, kv_heads and head_width as JSON.
    """
    if weights.head_width % HEAD_MULTIPLE:
        raise ArtifactError(
            f"the model's heads have {weights.head_width} values",
            expected=f"a multiple of {HEAD_MULTIPLE}, for onnxruntime's attention",
            hint="run this model with the engine 'transformers'",
        )
    graph = _Graph(precision)
    count = len(weights.layers)
    cos, sin = graph.constant("rotary.cos", weights.cosines), graph.constant("rotary.sin", weights.sines)
    hidden = _embeddings(graph, weights)
    norm = graph.constant("layer.0.attention_norm.gamma", weights.layers[0].attention_norm)
    normed = graph.add(
        "SimplifiedLayerNormalization", [hidden, norm], "layer.0.attention_norm", axis=-1, epsilon=weights.epsilon
    )
    for index in range(count):
        attended = _attention(graph, weights, index, normed, (cos, sin))
        if index == count - 1:  # what follows is for the rows that want logits
            attended = graph.rows(attended, weights.heads * weights.head_width)
            hidden = graph.rows(hidden, weights.tokens.shape[1])
        hidden, normed = _feed_forward(graph, weights, index, (hidden, attended))
    _head(graph, weights, normed)
    return _model(graph, weights)


class _Graph:
    """Nodes and initialisers in order of use; methods return the name of what they compute."""

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.names: set[str] = set()

    def constant(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        self.names.add(name)
        return name

    def add(self, operator: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """A node; gives the name of its first output."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def rows(self, x: str, width: int) -> str:
        """Those positions of x [B, T, width] that want logits: [N, width]."""
        flat = self.add("Reshape", [x, self.constant(f"{x}.flat", np.array([-1, width]))], f"{x}.every")
        return self.add("Gather", [flat, "rows"], f"{x}.rows", axis=0)

    def product(self, x: str, projection: Projection, name: str, rounding: Rounding | None) -> str:
        """``x @ weight.T + bias``."""
        if rounding is None:
            product = self.add("MatMul", [x, self.constant(f"{name}.weight", projection.weight.T)], f"{name}.product")
            if projection.bias is None:
                return product
            return self.add("Add", [product, self.constant(f"{name}.bias", projection.bias)], name)
        fits = projection.weight.shape[1] % rounding.size == 0
        blocks = quantize(projection.weight, bits=rounding.bits if fits else 8, size=rounding.size)
        bias = "" if projection.bias is None else self.constant(f"{name}.bias", projection.bias)
        return self.block_product(
            self.with_sums(x, blocks), name, blocks, [*self.block_constants(name, blocks), "", bias]
        )

    def block_constants(self, name: str, blocks: Blocks) -> list[str]:
        """Values, scales and zero points (an empty name where there are none)."""
        zeros = "" if blocks.zero_points is None else self.constant(f"{name}.zero_points", blocks.zero_points)
        return [self.constant(f"{name}.values", blocks.values), self.constant(f"{name}.scales", blocks.scales), zeros]

    def block_product(self, x: str, name: str, blocks: Blocks, inputs: Sequence[str]) -> str:
        """``x @ blocks``; inputs are values, scales, zero points, an empty name and the bias."""
        given = [x, *inputs]
        while not given[-1]:
            given.pop()
        return self.add(
            "MatMulNBits",
            given,
            name,
            domain=MICROSOFT,
            K=blocks.inputs + blocks.sums,
            N=blocks.scales.shape[0],
            bits=blocks.bits,
            block_size=blocks.size,
            accuracy_level=INT8_ACTIVATIONS,
        )

    def with_sums(self, x: str, blocks: Blocks) -> str:
        """x with the sums of its blocks behind it, for weights that want them; see `weight_blocks`."""
        if not blocks.sums:
            return x
        ones = f"ones.{blocks.inputs}.{blocks.size}"
        if ones not in self.names:
            places = np.arange(blocks.inputs) // blocks.size
            self.constant(ones, np.eye(blocks.sums, dtype=np.float32)[places])
        # A product with ones and zeros: quicker than a sum over an axis, which needs the axis made first.
        return self.add("Concat", [x, self.add("MatMul", [x, ones], f"{x}.sums")], f"{x}.with_sums", axis=-1)

    def add_norm(self, x: str, skip: str, gamma: NDArray[np.float32], name: str, epsilon: float) -> tuple[str, str]:
        """``x + skip`` and its RMSNorm."""
        inputs = [x, skip, self.constant(f"{name}.gamma", gamma)]
        total = f"{name}.sum"
        normed = self.add(
            "SkipSimplifiedLayerNormalization", inputs, name, "", "", total, domain=MICROSOFT, epsilon=epsilon
        )
        return total, normed


def _embeddings(graph: _Graph, weights: DecoderWeights) -> str:
    """Rows of the table: [B, T, E]. Rounded, they are looked up in the values that the head multiplies with."""
    rounding = graph.precision.tokens
    if rounding is None:
        return graph.add("Gather", [graph.constant("tokens", weights.tokens), "input_ids"], "embeddings")
    if rounding.bits != 8:
        raise ValueError("the embedding table is looked up in 8 bits: packed rows are laid out in another way")
    blocks = quantize(weights.tokens, bits=rounding.bits, size=rounding.size)
    values = graph.constant("tokens.values", blocks.values)
    gather_scales = graph.constant("tokens.scales_of_rows", blocks.scales[..., None])
    found = graph.add(
        "GatherBlockQuantized",
        [values, "input_ids", gather_scales],
        "embeddings.blocks",
        domain=MICROSOFT,
        bits=rounding.bits,
        block_size=rounding.size,
        gather_axis=0,
        quantize_axis=2,
    )
    shape = graph.constant("embeddings.shape", np.array([0, 0, -1]))
    found = graph.add("Reshape", [found, shape], "embeddings.padded")
    width = weights.tokens.shape[1]
    if width == blocks.values.shape[1] * rounding.size:
        return found
    bounds = [graph.constant(f"embeddings.{n}", np.array([v])) for n, v in (("start", 0), ("end", width), ("axis", 2))]
    return graph.add("Slice", [found, *bounds], "embeddings")


def _attention(graph: _Graph, weights: DecoderWeights, index: int, normed: str, tables: tuple[str, str]) -> str:
    """Project, turn, append to the cache, attend: [B, T, H·D]."""
    layer, name = weights.layers[index], f"layer.{index}"
    qkv = graph.product(normed, layer.qkv, f"{name}.qkv", graph.precision.attention)
    past = [f"past.{index}.key", f"past.{index}.value"]
    present = [f"present.{index}.key", f"present.{index}.value"]
    return graph.add(
        "GroupQueryAttention",
        [qkv, "", "", *past, "seqlens_k", "total_sequence_length", *tables],
        f"{name}.attention",
        *present,
        domain=MICROSOFT,
        num_heads=weights.heads,
        kv_num_heads=weights.kv_heads,
        do_rotary=1,
        local_window_size=weights.window or -1,
    )


def _feed_forward(
    graph: _Graph, weights: DecoderWeights, index: int, hidden_and_attended: tuple[str, str]
) -> tuple[str, str]:
    """What is left of a block after attention; gives the sum and its norm, with which the next one begins."""
    hidden, attended = hidden_and_attended
    layer, name = weights.layers[index], f"layer.{index}"
    last = index == len(weights.layers) - 1
    next_norm = weights.norm if last else weights.layers[index + 1].attention_norm
    attended = graph.product(attended, layer.output, f"{name}.output", graph.precision.attention)
    norm_name = f"{name}.feed_forward_norm"
    hidden, normed = graph.add_norm(attended, hidden, layer.feed_forward_norm, norm_name, weights.epsilon)
    both = graph.product(normed, layer.gate_up, f"{name}.gate_up", graph.precision.feed_forward)
    gate, up = f"{name}.gate", f"{name}.up"
    graph.add("Split", [both], gate, up, axis=-1, num_outputs=2)
    # x · sigmoid(alpha · x) is SiLU at alpha = 1
    active = graph.add("QuickGelu", [gate], f"{name}.silu", domain=MICROSOFT, alpha=1.0)
    gated = graph.add("Mul", [active, up], f"{name}.gated")
    down = graph.product(gated, layer.down, f"{name}.down", graph.precision.feed_forward)
    return graph.add_norm(down, hidden, next_norm, f"{name}.next_norm", weights.epsilon)


def _head(graph: _Graph, weights: DecoderWeights, normed: str) -> None:
    """Logits [N, V] of the rows."""
    rounding = graph.precision.tokens
    if rounding is None:
        name = "tokens" if weights.head is None else graph.constant("head", weights.head)
        graph.add("Gemm", [normed, name], "logits", transB=1)
        return
    table = weights.tokens if weights.head is None else weights.head
    blocks = quantize(table, bits=rounding.bits, size=rounding.size)
    if weights.head is None:  # the values are those that rows are looked up in
        inputs = ["tokens.values", graph.constant("head.scales", blocks.scales)]
    else:
        inputs = graph.block_constants("head", blocks)
    graph.block_product(normed, "logits", blocks, inputs)


def _model(graph: _Graph, weights: DecoderWeights) -> onnx.ModelProto:
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    cache = ["batch", weights.kv_heads, "capacity", weights.head_width]
    kinds = [f"{i}.{part}" for i in range(len(weights.layers)) for part in ("key", "value")]
    inputs = [
        value("input_ids", TensorProto.INT64, ["batch", "sequence"]),
        value("seqlens_k", TensorProto.INT32, ["batch"]),
        value("total_sequence_length", TensorProto.INT32, []),
        value("rows", TensorProto.INT64, ["rows"]),
        *(value(f"past.{kind}", TensorProto.FLOAT, cache) for kind in kinds),
    ]
    vocabulary = weights.tokens.shape[0]
    outputs = [
        value("logits", TensorProto.FLOAT, ["rows", vocabulary]),
        *(value(f"present.{kind}", TensorProto.FLOAT, cache) for kind in kinds),
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "decoder", inputs, outputs, graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
        producer_name="seatrial",
    )
    facts = {
        "vocabulary": vocabulary,
        "context": weights.cosines.shape[0],
        "layers": len(weights.layers),
        "kv_heads": weights.kv_heads,
        "head_width": weights.head_width,
    }
    helper.set_model_props(model, {"seatrial.decoder": json.dumps(facts)})
    return model
