"""Builds the ONNX graph of a BERT-like model straight from its weights, in onnxruntime's fused operators.

Why not the exporter's graph: onnxruntime has one kernel for a whole attention block and one for "add, add bias,
normalise", but its optimiser recognises neither in what today's exporters write. Built by hand, a layer is six nodes.

Why it is the same function: every node is exact (erf GELU, no approximation). Under a classifier of texts only the
first position goes on after the last attention, because the head reads nothing else; one of tokens reads every
position. Without a head, all positions are summed under the mask and the sum is scaled to length 1, which is the mean
scaled to length 1.

Refuses to know: torch, transformers, quantisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.export.encoder_weights import EncoderWeights, Head, Linear, Norm

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


def encoder_graph(weights: EncoderWeights, output: str = "logits") -> onnx.ModelProto:
    """The model as ONNX.

    Inputs are `input_ids` and `attention_mask`, int64 [batch, sequence], padded on the right; the output is float32
    [batch, labels] with a head that reads the first position, [batch, sequence, labels] with one that reads all of
    them, and unit vectors [batch, hidden] without.

    Args:
        weights: as `read_weights` gives them.
        output: the output's name.
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embeddings(graph, weights)
    for i in range(len(weights.layers)):
        hidden = _layer(graph, weights, i, hidden, mask)
    axes: list[str | int] = ["batch"]
    if weights.head is None:
        axes.append(_unit_mean(graph, hidden, output, weights.words.shape[1]))
    elif weights.head.dense is None:
        axes += ["sequence", _last(graph, hidden, output, weights.head)]
    else:
        axes.append(_classifier(graph, hidden, output, weights.head, weights.head.dense))
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ]
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, axes)
    return helper.make_model(
        helper.make_graph(graph.nodes, "encoder", ids, [result], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
        producer_name="seatrial",
    )


def _classifier(graph: _Graph, hidden: str, output: str, head: Head, layer: Linear) -> int:
    """Labels' logits from the one position that is left; gives their number."""
    first = graph.add("Squeeze", [hidden, graph.constant("axis", np.array([1]))], "first")
    dense = graph.matmul(first, layer, "head")
    dense = graph.add("Add", [dense, graph.constant("head.bias", layer.bias)], "head.sum")
    return _last(graph, graph.add(head.activation, [dense], "head.activation"), output, head)


def _last(graph: _Graph, hidden: str, output: str, head: Head) -> int:
    """Labels' logits from what is left, one position or all of them; gives their number."""
    logits = graph.matmul(hidden, head.classifier, "classifier")
    graph.add("Add", [logits, graph.constant("classifier.bias", head.classifier.bias)], output)
    return head.classifier.bias.size


def _unit_mean(graph: _Graph, hidden: str, output: str, width: int) -> int:
    """The sum of all positions that are text, scaled to length 1; gives its width."""
    from onnx import TensorProto

    weights = graph.add("Cast", ["attention_mask"], "pool.mask", to=TensorProto.FLOAT)
    weights = graph.add("Unsqueeze", [weights, graph.constant("pool.last", np.array([2]))], "pool.weights")
    # A product of matrices would do in one node, but whatever compresses those must not touch this one.
    kept = graph.add("Mul", [hidden, weights], "pool.kept")
    total = graph.add("ReduceSum", [kept, graph.constant("pool.axis", np.array([1]))], "pool", keepdims=0)
    graph.add("LpNormalization", [total], output, axis=-1, p=2)
    return width


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
    """One encoder layer; in the last under a head that reads the first position, what follows the attention is for that
    alone."""
    layer, name = weights.layers[index], f"layer.{index}"
    qkv = [
        hidden,
        graph.constant(f"{name}.qkv.weight", layer.qkv.weight),
        graph.constant(f"{name}.qkv.bias", layer.qkv.bias),
        mask,
    ]
    attended = graph.add("Attention", qkv, f"{name}.attention", domain=MICROSOFT, num_heads=weights.heads)
    if weights.head is not None and weights.head.reads_first and index == len(weights.layers) - 1:
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
