from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from seatrial.compress import METHODS
from seatrial.export.encoder_graph import encoder_graph
from seatrial.export.encoder_weights import EncoderWeights, Head, LayerWeights, Linear, Norm

HIDDEN, WIDE, VOCABULARY, LABELS = 32, 64, 3000, 3


def random_weights() -> EncoderWeights:
    random = np.random.default_rng(3)

    def array(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    def linear(inputs: int, outputs: int) -> Linear:
        return Linear(array(inputs, outputs), array(outputs))

    def norm() -> Norm:
        return Norm(1 + array(HIDDEN), array(HIDDEN))

    layers = tuple(
        LayerWeights(
            linear(HIDDEN, 3 * HIDDEN),
            linear(HIDDEN, HIDDEN),
            norm(),
            linear(HIDDEN, WIDE),
            linear(WIDE, HIDDEN),
            norm(),
        )
        for _ in range(2)
    )
    words, positions = array(VOCABULARY, HIDDEN), array(40, HIDDEN)
    head, classifier = linear(HIDDEN, HIDDEN), linear(HIDDEN, LABELS)
    top = Head(head, "Tanh", classifier)
    return EncoderWeights(words, positions, norm(), layers, top, heads=4, epsilon=1e-12)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("source") / "model.onnx"
    onnx.save_model(encoder_graph(random_weights()), file)
    return file


def logits(file: Path) -> np.ndarray:
    ids = np.random.default_rng(1).integers(0, VOCABULARY, (200, 9))
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    result: np.ndarray = onnxruntime.InferenceSession(str(file)).run(["logits"], feed)[0]
    return result


@pytest.fixture(scope="module", params=["int8-block", "int8-dynamic"])
def compressed(request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compressed") / "out.onnx"
    METHODS.get(request.param)(source, out)
    return out


def test_fp32_is_the_model_as_it_is(source: Path, tmp_path: Path) -> None:
    METHODS.get("fp32")(source, tmp_path / "out.onnx")
    assert (tmp_path / "out.onnx").read_bytes() == source.read_bytes()


def test_answers_stay(source: Path, compressed: Path) -> None:
    reference, found = logits(source), logits(compressed)
    assert (reference.argmax(axis=1) == found.argmax(axis=1)).mean() >= 0.95
    assert not np.array_equal(reference, found)


def test_no_large_float_is_left_and_nothing_lies_beside_the_file(source: Path, compressed: Path) -> None:
    """Layers as well as tables: what stays float32 is biases, norms, scales, positions and the classifier."""
    tensors = onnx.load(compressed).graph.initializer
    large = [t.name for t in tensors if t.data_type == onnx.TensorProto.FLOAT and np.prod(t.dims) > VOCABULARY]
    assert not large
    assert any(t.name.startswith("classifier.weight") and t.data_type == onnx.TensorProto.FLOAT for t in tensors)
    assert [file.name for file in compressed.parent.iterdir()] == ["out.onnx"]
    assert compressed.stat().st_size < 0.4 * source.stat().st_size


def test_the_source_is_not_changed_and_the_result_is_reproducible(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    for name in ("a.onnx", "b.onnx"):
        METHODS.get("int8-dynamic")(source, tmp_path / name)
    assert source.read_bytes() == before
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_no_pair_of_products_can_overflow_16_bits(source: Path, tmp_path: Path) -> None:
    """AVX2 without VNNI adds two u8·s8 products in a signed 16-bit register, which saturates silently."""
    METHODS.get("int8-dynamic")(source, tmp_path / "out.onnx")
    model = onnx.load(tmp_path / "out.onnx")
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type in {"MatMulInteger", "QAttention"}]
    assert len(products) == 2 + 2 * 3 + 1
    for node in products:
        weight = tensors[node.input[1]]
        assert weight.dtype == np.int8
        assert 2 * 255 * int(np.abs(weight.astype(int)).max()) <= np.iinfo(np.int16).max


def test_every_output_channel_has_its_own_scale(source: Path, tmp_path: Path) -> None:
    METHODS.get("int8-dynamic")(source, tmp_path / "out.onnx")
    scales = {tensor.name: tensor.dims for tensor in onnx.load(tmp_path / "out.onnx").graph.initializer}
    assert scales["layer.0.qkv.weight_scale"] == [3 * HIDDEN]
    assert scales["layer.1.intermediate.weight_scale"] == [WIDE]
