"""Builds the ONNX graph of a BERT-like classifier straight from its weights, in onnxruntime's fused operators.

Why not the exporter's graph: onnxruntime has one kernel for a whole attention block and one for "add, add bias,
normalise", but its optimiser recognises neither in what today's exporters write. Built by hand, a layer is six nodes.

Why it is the same function: every node is exact (erf GELU, no approximation), and after the last attention only the
first position goes on, because the head reads nothing else.

Refuses to know: torch, transformers, quantisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.export.encoder_weights import EncoderWeights, Linear, Norm

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

__all__ = ["IR_VERSION", "OPSET", "encoder_graph"]

OPSET = 18
IR_VERSION = 10  # onnxruntime refuses the newest IR versions for a while after each onnx release
MICROSOFT = "com.microsoft"


class _Graph:
    """Nodes and initialisers in order of use; methods return the name of what they compute."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, *, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def matmul(self, x: str, linear: Linear, name: str) -> str:
        """``x @ weight``; the bias is left to the next node, which adds it for nothing."""
        return self.add("MatMul", [x, self.constant(f"{name}.weight", linear.weight)], name)

    def skip_norm(self, x: str, name: str, *, bias: NDArray[np.float32], skip: str, norm: Norm, epsilon: float) -> str:
        """Normalise ``x + bias + skip``."""
        inputs = [
            x,
            skip,
            self.constant(f"{name}.gamma", norm.gamma),
            self.constant(f"{name}.beta", norm.beta),
            self.constant(f"{name}.skip_bias", bias),
        ]
        return self.add("SkipLayerNormalization", inputs, name, domain=MICROSOFT, epsilon=epsilon)


def encoder_graph(weights: EncoderWeights) -> onnx.ModelProto:
    """The classifier as an ONNX model.

    Inputs are `input_ids` and `attention_mask`, int64 [batch, sequence], padded on the right; the output is `logits`,
    float32 [batch, labels].

    Args:
        weights: as `read_weights` gives them.
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embeddings(graph, weights)
    for i in range(len(weights.layers)):
        hidden = _layer(graph, weights, i, hidden, mask)
    pooled = graph.add("Squeeze", [hidden, graph.constant("axis", np.array([1]))], "first")
    dense = graph.matmul(pooled, weights.head, "head")
    dense = graph.add("Add", [dense, graph.constant("head.bias", weights.head.bias)], "head.sum")
    dense = graph.add(weights.head_activation, [dense], "head.activation")
    logits = graph.matmul(dense, weights.classifier, "classifier")
    graph.add("Add", [logits, graph.constant("classifier.bias", weights.classifier.bias)], "logits")

    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ]
    shape = ["batch", weights.classifier.bias.size]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)
    return helper.make_model(
        helper.make_graph(graph.nodes, "classifier", ids, [output], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
        producer_name="seatrial",
    )


def _embeddings(graph: _Graph, weights: EncoderWeights) -> str:
    """Word and position rows added and normalised: [batch, sequence, hidden]."""
    words = graph.add("Gather", [graph.constant("words.table", weights.words), "input_ids"], "words")
    axis = graph.constant("embeddings.axis", np.array([0]))
    length = graph.add("Squeeze", [graph.add("Shape", ["input_ids"], "shape", start=1, end=2), axis], "length")
    zero, one = graph.constant("zero", np.array(0)), graph.constant("one", np.array(1))
    places = graph.add("Range", [zero, length, one], "places")
    # Looked up like words rather than sliced, so that whatever compresses look-ups compresses both tables.
    positions = graph.add("Gather", [graph.constant("positions.table", weights.positions), places], "positions")
    return graph.skip_norm(
        words,
        "embeddings",
        bias=np.zeros_like(weights.embedding_norm.beta),
        skip=positions,
        norm=weights.embedding_norm,
        epsilon=weights.epsilon,
    )


def _layer(graph: _Graph, weights: EncoderWeights, index: int, hidden: str, mask: str) -> str:
    """One encoder layer; in the last, what follows the attention is computed for the first position alone."""
    layer, name = weights.layers[index], f"layer.{index}"
    qkv = [
        hidden,
        graph.constant(f"{name}.qkv.weight", layer.qkv.weight),
        graph.constant(f"{name}.qkv.bias", layer.qkv.bias),
        mask,
    ]
    attended = graph.add("Attention", qkv, f"{name}.attention", domain=MICROSOFT, num_heads=weights.heads)
    if index == len(weights.layers) - 1:
        first = graph.constant("first.index", np.array([0]))
        attended = graph.add("Gather", [attended, first], f"{name}.attention.first", axis=1)
        hidden = graph.add("Gather", [hidden, first], f"{name}.hidden.first", axis=1)
    hidden = graph.skip_norm(
        graph.matmul(attended, layer.attention_output, f"{name}.attention_output"),
        f"{name}.attention_norm",
        bias=layer.attention_output.bias,
        skip=hidden,
        norm=layer.attention_norm,
        epsilon=weights.epsilon,
    )
    wide = graph.matmul(hidden, layer.intermediate, f"{name}.intermediate")
    wide_bias = graph.constant(f"{name}.intermediate.bias", layer.intermediate.bias)
    wide = graph.add("BiasGelu", [wide, wide_bias], f"{name}.gelu", domain=MICROSOFT)
    return graph.skip_norm(
        graph.matmul(wide, layer.output, f"{name}.output"),
        f"{name}.output_norm",
        bias=layer.output.bias,
        skip=hidden,
        norm=layer.output_norm,
        epsilon=weights.epsilon,
    )
