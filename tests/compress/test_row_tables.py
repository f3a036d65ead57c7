from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from seatrial.compress.row_tables import quantize_rows, quantize_tables


def table_model(table: np.ndarray, *extra: onnx.NodeProto) -> onnx.ModelProto:
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "m"])
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", "m", table.shape[1]])
    nodes = [helper.make_node("Gather", ["table", "ids"], ["rows"], name="look-up"), *extra]
    graph = helper.make_graph(nodes, "look-up", [ids], [rows], [numpy_helper.from_array(table, "table")])
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])


def run(model: onnx.ModelProto, ids: np.ndarray) -> np.ndarray:
    result: np.ndarray = onnxruntime.InferenceSession(model.SerializeToString()).run(["rows"], {"ids": ids})[0]
    return result


def test_every_row_keeps_its_own_precision() -> None:
    """One scale for the whole table would turn the small row into zeros."""
    table = np.array([[1000.0, -500.0, 3.0], [0.001, -0.002, 0.0005], [0.0, 0.0, 0.0]], dtype=np.float32)
    values, scales = quantize_rows(table)
    assert values.dtype == np.int8
    assert (np.abs(values * scales - table) <= scales * 0.5001).all()
    assert (values[1] != 0).all()
    assert (values[2] * scales[2] == 0).all()


def test_look_ups_stay_close_and_the_table_shrinks_to_a_quarter() -> None:
    table = np.random.default_rng(0).normal(size=(500, 64)).astype(np.float32)
    model = table_model(table)
    before = model.ByteSize()
    ids = np.array([[3, 499], [0, 0]])
    assert quantize_tables(model, min_values=1000) == 1
    assert model.ByteSize() < 0.3 * before
    np.testing.assert_allclose(run(model, ids), table[ids], atol=np.abs(table).max() / 250)


def test_small_tables_and_tables_with_other_readers_stay() -> None:
    table = np.ones((500, 64), dtype=np.float32)
    assert quantize_tables(table_model(table), min_values=table.size + 1) == 0
    shared = table_model(table, helper.make_node("Transpose", ["table"], ["turned"]))
    assert quantize_tables(shared, min_values=10) == 0
