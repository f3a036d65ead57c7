"""Which layers every method leaves in float32: those with few outputs, the classifier above all.

They cost nothing and decide everything. Refuses to know how the others are quantised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

__all__ = ["narrow_layers"]

MIN_CHANNELS = 16


def narrow_layers(model: onnx.ModelProto) -> list[str]:
    """Names of the matrix products with fewer output channels than `MIN_CHANNELS`."""
    outputs = {tensor.name: tensor.dims[-1] for tensor in model.graph.initializer if tensor.dims}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and outputs.get(node.input[1], MIN_CHANNELS) < MIN_CHANNELS
    ]
