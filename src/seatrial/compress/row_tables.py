"""Embedding tables in 8 bits: each row has its own scale, so that a rare word's small values survive beside large ones.

onnxruntime's quantiser gives the whole table one scale, and one outlier then costs every word its precision. A table is
most of a small model's bytes and none of its work: the rows that a text needs are turned back into float32 as they are
looked up.

Refuses to know: any operator but `Gather`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

__all__ = ["quantize_rows", "quantize_tables"]

MIN_TABLE_VALUES = 65_536
"""Smaller tables stay as they are: there is nothing to gain."""


def quantize_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Split a table [rows, width] into int8 values [rows, width] times float32 scales [rows, 1].

    The error is at most half a scale, 1/254 of the row's largest value. A row of zeros stays zero.
    """
    scales = np.abs(table).max(axis=1, keepdims=True) / np.float32(127)
    values = np.rint(table / np.where(scales == 0, np.float32(1), scales)).astype(np.int8)
    return values, scales


def quantize_tables(model: onnx.ModelProto, min_values: int = MIN_TABLE_VALUES) -> int:
    """Replace, in place, every large float32 table that rows are gathered from.

    Args:
        model: an ONNX model; a table that another operator reads as well is left alone.
        min_values: tables with fewer values stay.

    Returns:
        How many look-ups were replaced.
    """
    from onnx import numpy_helper

    readers: dict[str, int] = {}
    for node in model.graph.node:
        for name in node.input:
            readers[name] = readers.get(name, 0) + 1
    tables = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    replaced = 0
    for node in model.graph.node:
        tensor = tables.get(node.input[0]) if node.op_type == "Gather" and _axis(node) == 0 else None
        table = None if tensor is None or readers[node.input[0]] > 1 else numpy_helper.to_array(tensor)
        if tensor is None or table is None or table.ndim != 2 or table.dtype != np.float32 or table.size < min_values:
            nodes.append(node)
            continue
        values, scales = quantize_rows(table)
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(numpy_helper.from_array(values, f"{tensor.name}.int8"))
        model.graph.initializer.append(numpy_helper.from_array(scales, f"{tensor.name}.scales"))
        nodes += _lookup(tensor.name, node.input[1], node.output[0])
        replaced += 1
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return replaced


def _lookup(table: str, indices: str, output: str) -> list[onnx.NodeProto]:
    from onnx import TensorProto, helper

    return [
        helper.make_node("Gather", [f"{table}.int8", indices], [f"{output}.int8"], name=f"{output}.gather"),
        helper.make_node("Cast", [f"{output}.int8"], [f"{output}.float"], name=f"{output}.cast", to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{table}.scales", indices], [f"{output}.scale"], name=f"{output}.gather_scale"),
        helper.make_node("Mul", [f"{output}.float", f"{output}.scale"], [output], name=f"{output}.scaled"),
    ]


def _axis(node: onnx.NodeProto) -> int:
    axes: list[int] = [attribute.i for attribute in node.attribute if attribute.name == "axis"]
    return axes[0] if axes else 0
