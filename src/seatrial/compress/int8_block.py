"""The method `int8-block`: 8-bit weights and activations with one scale for every 64 values of a row.

`int8-dynamic` gives all activations of a call one scale; an outlier in one token then blurs every other. Here blocks of
a token have their own, so that more labels stay as they were and the answer does not depend on the batch's other texts.
The price is speed: slower than `int8-dynamic`, faster than `fp32`. Figures: docs/decisions/int8-on-every-cpu.md.

Refuses to know: labels, tokenizers, whether the result is good enough.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.compress.narrow_layers import narrow_layers
from seatrial.compress.row_tables import quantize_tables

if TYPE_CHECKING:
    import onnx

__all__ = ["int8_block"]

BLOCK_SIZE = 64
INT8_ACTIVATIONS = 4  # onnxruntime's accuracy level 4: multiply in int8
SPLIT_OPSET = 18  # the first with Split(num_outputs)
MICROSOFT = "com.microsoft"


def int8_block(source: Path, out: Path) -> None:
    """Write the 8-bit model; see `Method`."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    model = onnx.load(source)
    _separate_projections(model)
    quantize_tables(model)
    del model.graph.value_info[:]  # shapes of the float graph contradict those of the quantised one
    settings = DefaultWeightOnlyQuantConfig(
        block_size=BLOCK_SIZE, is_symmetric=True, accuracy_level=INT8_ACTIVATIONS, bits=8
    )
    quantizer = MatMulNBitsQuantizer(model, nodes_to_exclude=narrow_layers(model), algo_config=settings)
    quantizer.process()
    quantizer.model.save_model_to_file(str(out))


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
