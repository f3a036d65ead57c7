"""The method `int8-block`: 8-bit weights and activations with one scale for every 64 values.

`int8-dynamic` gives all activations of a call one scale; an outlier in one token then blurs every other. Here blocks of
a token have their own, so that more labels stay as they were and the answer does not depend on the batch's other texts.
The price is speed: slower than `int8-dynamic`, faster than `fp32`. Figures: docs/decisions/0004-int8-on-every-cpu.md.

Refuses to know: labels, tokenizers, whether the result is good enough.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seatrial.compress.narrow_layers import narrow_layers
from seatrial.compress.row_tables import quantize_tables

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

__all__ = ["int8_block", "quantize_blocks"]

BLOCK_SIZE = 64
ZERO_POINT = 128  # what MatMulNBits takes for 8 bits when none is given
INT8_ACTIVATIONS = 4  # onnxruntime's accuracy level 4: multiply in int8
SPLIT_OPSET = 18  # the first with Split(num_outputs)
MICROSOFT = "com.microsoft"


def int8_block(source: Path, out: Path) -> None:
    """Write the 8-bit model; see `Method`."""
    import onnx

    model = onnx.load(source)
    quantize_tables(model)
    _separate_projections(model)
    _quantize_products(model)
    del model.graph.value_info[:]  # shapes of the float graph contradict those of the quantised one
    onnx.save_model(model, out)


def quantize_blocks(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Split a weight [inputs, outputs] into 8-bit values around 128 and one scale per 64 inputs of an output.

    Returns:
        Values [outputs, blocks, 64], the last block filled up with zeros, and scales [outputs, blocks], as
        onnxruntime's MatMulNBits wants them. The error is at most half a scale, 1/254 of the block's largest value.
    """
    inputs, outputs = weight.shape
    blocks = -(-inputs // BLOCK_SIZE)
    padded = np.zeros((outputs, blocks * BLOCK_SIZE), dtype=np.float32)
    padded[:, :inputs] = weight.T
    padded = padded.reshape(outputs, blocks, BLOCK_SIZE)
    scales = np.abs(padded).max(axis=2) / np.float32(127)
    values = np.rint(padded / np.where(scales == 0, np.float32(1), scales)[..., None])
    return (values + ZERO_POINT).astype(np.uint8), scales


def _quantize_products(model: onnx.ModelProto) -> None:
    """Turn every product with a constant float32 matrix into a block-wise one, in place."""
    from onnx import helper, numpy_helper

    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    narrow = set(narrow_layers(model))
    for node in model.graph.node:
        if node.op_type != "MatMul" or node.name in narrow or node.input[1] not in tensors:
            continue
        tensor = tensors[node.input[1]]
        weight = numpy_helper.to_array(tensor)
        if weight.ndim != 2 or weight.dtype != np.float32:
            continue
        names = [f"{node.name}.values", f"{node.name}.scales"]
        model.graph.initializer.extend(map(numpy_helper.from_array, quantize_blocks(weight), names))
        product = helper.make_node(
            "MatMulNBits",
            [node.input[0], *names],
            node.output,
            name=node.name,
            domain=MICROSOFT,
            K=weight.shape[0],
            N=weight.shape[1],
            bits=8,
            block_size=BLOCK_SIZE,
            accuracy_level=INT8_ACTIVATIONS,
        )
        node.CopyFrom(product)
    read = {name for node in model.graph.node for name in node.input}
    for name in tensors.keys() - read:
        model.graph.initializer.remove(tensors[name])
    if not any(opset.domain == MICROSOFT for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))


def _separate_projections(model: onnx.ModelProto) -> None:
    """Take the query, key and value projection out of every fused `Attention`, in place.

    The fused operator has no block-wise form; `MultiHeadAttention` is the same computation after the projection.
    """
    from onnx import helper

    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "Attention" or node.domain != MICROSOFT:
            nodes.append(node)
            continue
        hidden, weight, bias, mask = node.input
        projected, parts = f"{node.name}.qkv", [f"{node.name}.{part}" for part in ("query", "key", "value")]
        nodes.append(helper.make_node("MatMul", [hidden, weight], [projected], name=projected))
        nodes.append(helper.make_node("Split", [projected], parts, name=f"{node.name}.split", axis=2, num_outputs=3))
        attention = helper.make_node(
            "MultiHeadAttention", [*parts, bias, mask], node.output, name=node.name, domain=MICROSOFT
        )
        attention.attribute.extend(node.attribute)
        nodes.append(attention)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    for opset in model.opset_import:
        if not opset.domain:
            opset.version = max(opset.version, SPLIT_OPSET)
