from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, save_model

from seatrial.errors import ArtifactError
from seatrial.export.session import OnnxSession, onnx_logits

TEXTS = [[2, 4, 3], [2, 9, 9, 8, 7, 6, 5, 4, 12, 3], [2, 3], [2, 4, 5, 6, 3], [2, 11, 3]]


@pytest.fixture(scope="module")
def session(bert_onnx: Path) -> OnnxSession:
    return OnnxSession(bert_onnx, threads=1)


def alone(session: OnnxSession) -> np.ndarray:
    return np.concatenate([session.logits([ids]) for ids in TEXTS])


def test_padding_changes_nothing_whatever_it_is(session: OnnxSession) -> None:
    for pad_id in (0, 7):
        np.testing.assert_allclose(session.logits(TEXTS, pad_id), alone(session), atol=1e-5)


def test_many_texts_come_back_in_their_order_with_progress(session: OnnxSession) -> None:
    heard: list[tuple[int, int | None]] = []

    def hear(what: str, done: int, total: int | None = None, figures: object = None) -> None:
        heard.append((done, total))

    logits = onnx_logits(session, TEXTS, pad_id=0, max_tokens=12, progress=hear)
    np.testing.assert_allclose(logits, alone(session), atol=1e-5)
    assert logits.dtype == np.float32
    assert heard[-1] == (5, 5)
    assert len(heard) > 1


def test_no_texts_have_no_logits(session: OnnxSession) -> None:
    with pytest.raises(ValueError, match="no texts"):
        onnx_logits(session, [])


def test_calls_from_many_threads_do_not_mix(session: OnnxSession) -> None:
    expected = alone(session)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: session.logits([TEXTS[i % 5]]), range(200)))
    for i, result in enumerate(results):
        np.testing.assert_allclose(result[0], expected[i % 5], atol=1e-5)


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "model.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ArtifactError, match="cannot load") as caught:
        OnnxSession(file, threads=1)
    assert caught.value.where == str(file)


def test_a_model_with_other_inputs_is_refused(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    result = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["logits"])], "other", [value], [result])
    save_model(
        helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "o.onnx"
    )
    with pytest.raises(ArtifactError, match="wants the inputs x"):
        OnnxSession(tmp_path / "o.onnx", threads=1)
