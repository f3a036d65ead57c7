"""Tensors of the Open Inference Protocol: elements in bytes, and everything that one can say wrongly about them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import RequestError
from seatrial.serve.oip.tensors import InputTensor, OutputTensor, join_bytes, split_bytes, texts_of

MOST = 4


def tensor(elements: object = ("a",), shape: object = (1,), **other: object) -> InputTensor:
    return InputTensor(**{"name": "text", "datatype": "BYTES", "shape": shape, "elements": elements, **other})  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_elements_in_bytes_read_back(elements: list[bytes]) -> None:
    assert split_bytes(join_bytes(elements), len(elements)) == elements


@given(st.binary(max_size=40), st.integers(0, 5))
def test_any_bytes_are_elements_or_refused(raw: bytes, count: int) -> None:
    try:
        elements = split_bytes(raw, count)
    except RequestError:
        return
    assert join_bytes(elements) == raw
    assert len(elements) == count


def test_bytes_are_those_of_tritons_client() -> None:
    from tritonclient.utils import deserialize_bytes_tensor, serialize_byte_tensor

    texts = ["a", "", "ünï", "日本"]
    theirs = serialize_byte_tensor(np.array([text.encode() for text in texts], dtype=np.object_)).item()
    assert join_bytes([text.encode() for text in texts]) == theirs
    assert [item.decode() for item in deserialize_bytes_tensor(theirs)] == texts
    assert texts_of([tensor(None, (4,), raw=theirs)], MOST) == texts


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_texts_in_both_shapes_and_as_bytes(shape: tuple[int, ...]) -> None:
    assert texts_of([tensor(["a", "b"], shape)], MOST) == ["a", "b"]
    assert texts_of([tensor([b"a", "é".encode()], shape)], MOST) == ["a", "é"]


BAD = {
    "no tensor": [],
    "two tensors": [tensor(), tensor()],
    "another name": [tensor(name="input_ids")],
    "no name": [tensor(name=None)],
    "a number as name": [tensor(name=3)],
    "another datatype": [tensor(datatype="INT64")],
    "no datatype": [tensor(datatype=None)],
    "no shape": [tensor(shape=())],
    "three dimensions": [tensor(shape=(1, 1, 1))],
    "two columns": [tensor(["a", "b"], (1, 2))],
    "none": [tensor([], (0,))],
    "no columns": [tensor([], (1, 0))],
    "negative": [tensor(shape=(-1,))],
    "a fraction": [tensor(shape=(1.0,))],
    "a boolean": [tensor(shape=(True,))],
    "a text as size": [tensor(shape=("1",))],
    "more than allowed": [tensor(["a"] * 5, (5,))],
    "far more than allowed": [tensor(shape=(10**5000,))],
    "fewer elements": [tensor(["a"], (2,))],
    "more elements": [tensor(["a", "b"], (1,))],
    "no data": [tensor(None)],
    "a number": [tensor([3])],
    "null": [tensor([None])],
    "not UTF-8": [tensor([b"\xff"])],
    "half a surrogate pair in UTF-8": [tensor([b"\xed\xa0\x80"])],
    "too few bytes for a length": [tensor(None, raw=b"\x01\x00")],
    "no bytes": [tensor(None, raw=b"")],
    "a length that lies": [tensor(None, raw=struct.pack("<I", 2) + b"a")],
    "a huge length": [tensor(None, raw=struct.pack("<I", 2**32 - 1) + b"a")],
    "bytes at the end": [tensor(None, raw=join_bytes([b"a", b"b"]))],
    "shared memory": [tensor(parameters={"shared_memory_region": "x"})],
}


@pytest.mark.parametrize("inputs", BAD.values(), ids=BAD)
def test_unusable_tensors_are_refused_with_a_hint(inputs: list[InputTensor]) -> None:
    with pytest.raises(RequestError) as raised:
        texts_of(inputs, MOST)
    assert 400 <= raised.value.status < 500
    assert raised.value.hint
    assert len(raised.value.message) < 200


def test_no_more_elements_are_made_than_the_shape_says() -> None:
    """Half a million empty elements in two megabytes cost nothing when one is expected."""
    with pytest.raises(RequestError, match="1999996 bytes beyond"):
        split_bytes(bytes(2_000_000), 1)


def test_outputs_in_both_forms() -> None:
    rows = np.array([[0.25, 0.75]], dtype=np.float32)
    scores = OutputTensor("scores", "FP32", (1, 2), rows)
    assert scores.data() == [0.25, 0.75]
    assert scores.raw() == struct.pack("<ff", 0.25, 0.75)
    label = OutputTensor("label", "BYTES", (1,), ["gut"])
    assert label.data() == ["gut"]
    assert label.raw() == b"\x03\x00\x00\x00gut"
