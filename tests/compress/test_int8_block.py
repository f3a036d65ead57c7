from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from seatrial.compress.int8_block import int8_block, quantize_blocks


@pytest.mark.parametrize("inputs", [64, 192, 100, 7])
def test_block_products_stay_close_whatever_the_width(tmp_path: Path, inputs: int) -> None:
    """A width that is no multiple of the block is filled up; a graph of other operators needs the domain declared."""
    random = np.random.default_rng(0)
    weight = random.normal(size=(inputs, 24)).astype(np.float32)
    x = random.normal(size=(5, inputs)).astype(np.float32)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", inputs])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24])
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")]
    graph = helper.make_graph(nodes, "product", [value], [result], [numpy_helper.from_array(weight, "w")])
    onnx.save_model(
        helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]), tmp_path / "in.onnx"
    )
    int8_block(tmp_path / "in.onnx", tmp_path / "out.onnx")
    assert [node.op_type for node in onnx.load(tmp_path / "out.onnx").graph.node] == ["MatMulNBits"]
    found = onnxruntime.InferenceSession(str(tmp_path / "out.onnx")).run(None, {"x": x})[0]
    assert np.abs(found - x @ weight).max() < 0.04 * np.sqrt(inputs)  # five times the expected error


def test_an_outlier_costs_its_own_block_only() -> None:
    weight = np.full((128, 1), 0.01, dtype=np.float32)
    weight[0] = 100.0
    values, scales = quantize_blocks(weight)
    assert values.shape == (1, 2, 64)
    restored = ((values.astype(np.float32) - 128) * scales[..., None]).reshape(-1)
    np.testing.assert_allclose(restored[64:], 0.01, rtol=1e-5)
    assert (restored[1:64] == 0).all()


def test_compressing_leaves_the_logging_of_the_process_alone(tmp_path: Path) -> None:
    """onnxruntime's own block quantiser sets up the root logger when it is imported."""
    test_block_products_stay_close_whatever_the_width(tmp_path, 64)
    assert "onnxruntime.quantization.matmul_nbits_quantizer" not in sys.modules
    assert logging.getLogger().level == logging.WARNING
