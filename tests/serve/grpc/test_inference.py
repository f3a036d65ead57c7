"""`inference.GRPCInferenceService` with Triton's own client, and every bad input a status that blames the client."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from seatrial.errors import RequestError
from seatrial.serve.grpc import schema
from seatrial.serve.grpc.inference import _request
from seatrial.serve.oip.tensors import join_bytes

from .conftest import Running

TEXTS = ["abc", "ünï"]


@pytest.fixture
def client(service: Running) -> Iterator[triton.InferenceServerClient]:
    client = triton.InferenceServerClient(service.address)
    yield client
    client.close()


def text_input(texts: list[str], *, column: bool = False) -> triton.InferInput:
    array = np.array([text.encode() for text in texts], dtype=np.object_)
    array = array.reshape(-1, 1) if column else array
    made = triton.InferInput("text", list(array.shape), "BYTES")
    made.set_data_from_numpy(array)
    return made


def test_health_and_metadata(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("toy")
    assert client.is_model_ready("toy", "0123456789ab")
    assert not client.is_model_ready("other")
    assert not client.is_model_ready("toy", "other")
    server = client.get_server_metadata(as_json=True)
    assert server == {"name": "seatrial", "version": "v2", "extensions": ["binary_tensor_data"]}
    model = client.get_model_metadata("letters", as_json=True)
    assert model == {
        "name": "letters",
        "versions": ["ba9876543210"],
        "platform": "seatrial",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": ["-1"]}],
        "outputs": [{"name": "embedding", "datatype": "FP32", "shape": ["-1", "26"]}],
    }


@pytest.mark.parametrize("column", [True, False], ids=["n,1", "n"])
@pytest.mark.parametrize("version", ["", "0123456789ab"], ids=["current", "named"])
def test_tritons_client_is_answered(client: triton.InferenceServerClient, column: bool, version: str) -> None:
    result = client.infer(
        "toy", [text_input(TEXTS, column=column)], model_version=version, request_id="mine", timeout=10**6
    )
    response = result.get_response()
    assert (response.model_name, response.model_version, response.id) == ("toy", "0123456789ab", "mine")
    assert result.as_numpy("label").tolist() == [b"good", b"good"]
    assert result.as_numpy("score").tolist() == [3.0, 3.0]
    assert result.as_numpy("scores").tolist() == [[0.0, 3.0], [0.0, 3.0]]
    assert response.outputs[2].parameters["labels"].string_param == '["bad", "good"]'


def test_outputs_that_are_asked_for_and_compression(client: triton.InferenceServerClient) -> None:
    wanted = [triton.InferRequestedOutput("scores")]
    result = client.infer("toy", [text_input(TEXTS)], outputs=wanted, compression_algorithm="gzip")
    assert [output.name for output in result.get_response().outputs] == ["scores"]
    assert result.as_numpy("scores").shape == (2, 2)


def test_embeddings(client: triton.InferenceServerClient) -> None:
    vectors = client.infer("letters", [text_input(["stone", "notes"])]).as_numpy("embedding")
    assert vectors.dtype == np.float32
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-6)


def test_contents_in_place_of_raw_contents(service: Running, infer_request: Callable[..., Any]) -> None:
    response = service.call("ModelInfer", infer_request(["abc", "a"]))
    assert response.raw_output_contents[1] == struct.pack("<ff", 3, 1)
    assert response.id == ""


def test_what_is_not_offered_says_so(client: triton.InferenceServerClient) -> None:
    for ask in (client.get_model_repository_index, client.get_inference_statistics, client.get_log_settings):
        with pytest.raises(InferenceServerException, match="UNIMPLEMENTED"):
            ask()
    told: list[Any] = []
    client.start_stream(lambda result, error: told.append((result, error)))
    client.stop_stream()
    ((result, error),) = told
    assert result is None
    assert "UNIMPLEMENTED" in error.status()
    assert "call ModelInfer" in error.message()


def raw(sent: bytes, **changes: Any) -> Callable[[Any], None]:
    def change(request: Any) -> None:
        tensor = request.inputs[0]
        tensor.ClearField("contents")
        request.raw_input_contents.append(sent)
        for name, value in changes.items():
            tensor.ClearField(name)
            if name == "shape":
                tensor.shape.extend(value)
            else:
                setattr(tensor, name, value)

    return change


def contents(**changes: Any) -> Callable[[Any], None]:
    def change(request: Any) -> None:
        tensor = request.inputs[0]
        for name, value in changes.items():
            if name == "shape":
                tensor.ClearField("shape")
                tensor.shape.extend(value)
            else:
                setattr(tensor, name, value)

    return change


def set_to(**values: Any) -> Callable[[Any], None]:
    def change(request: Any) -> None:
        for name, value in values.items():
            setattr(request, name, value)

    return change


BAD: dict[str, Callable[[Any], object]] = {
    "no input": lambda request: request.ClearField("inputs"),
    "two inputs": lambda request: request.inputs.append(request.inputs[0]),
    "another input": contents(name="input_ids"),
    "another datatype": contents(datatype="INT64"),
    "no datatype": contents(datatype=""),
    "no shape": contents(shape=[]),
    "a negative shape": contents(shape=[-1]),
    "a huge shape": contents(shape=[2**62]),
    "three dimensions": contents(shape=[1, 1, 1]),
    "a shape that lies": contents(shape=[2]),
    "too many texts": lambda request: (
        request.inputs[0].contents.bytes_contents.extend([b"a"] * 40),
        contents(shape=[41])(request),
    ),
    "no texts": lambda request: (request.inputs[0].ClearField("contents"), contents(shape=[0])(request)),
    "no contents": lambda request: request.inputs[0].ClearField("contents"),
    "numbers": lambda request: (
        request.inputs[0].contents.ClearField("bytes_contents"),
        request.inputs[0].contents.int64_contents.append(1),
    ),
    "not UTF-8": raw(join_bytes([b"\xff\xfe"])),
    "an empty text": raw(join_bytes([b""])),
    "half a length": raw(b"\x01\x00"),
    "a length that lies": raw(struct.pack("<I", 9) + b"abc"),
    "a huge length": raw(struct.pack("<I", 2**32 - 1) + b"abc"),
    "bytes at the end": raw(join_bytes([b"abc", b"abc"])),
    "raw and a shape that lies": raw(join_bytes([b"abc"]), shape=[3]),
    "raw contents and contents": lambda request: request.raw_input_contents.append(join_bytes([b"abc"])),
    "two raw contents": lambda request: request.raw_input_contents.extend([join_bytes([b"abc"])] * 2),
    "raw contents and no input": lambda request: (
        request.ClearField("inputs"),
        request.raw_input_contents.append(b"x"),
    ),
    "an unknown output": lambda request: request.outputs.add(name="other"),
    "many outputs": lambda request: [request.outputs.add(name=str(number)) for number in range(9)],
    "an output twice": lambda request: [request.outputs.add(name="label") for _ in range(2)],
    "an output in shared memory": lambda request: setattr(
        request.outputs.add(name="label").parameters["shared_memory_region"], "string_param", "x"
    ),
    "an input in shared memory": lambda request: setattr(
        request.inputs[0].parameters["shared_memory_region"], "string_param", "x"
    ),
    "a timeout that is a text": lambda request: setattr(request.parameters["timeout"], "string_param", "soon"),
    "a timeout below zero": lambda request: setattr(request.parameters["timeout"], "int64_param", -1),
    "a long id": set_to(id="x" * 300),
    "an id of control characters": set_to(id="a\r\nb"),
    "an unknown model": set_to(model_name="other"),
    "no model": set_to(model_name=""),
    "a path as model": set_to(model_name="../x"),
    "an unknown version": set_to(model_version="../x"),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_bad_input_is_the_clients_fault(
    service: Running, infer_request: Callable[..., Any], spoil: Callable[[Any], object]
) -> None:
    request = infer_request()
    spoil(request)
    before = list(service.engines[0].batches)
    with pytest.raises(grpc.RpcError) as raised:
        service.call("ModelInfer", request)
    assert raised.value.code() in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}
    assert len(raised.value.details()) < 300
    assert ";" in raised.value.details(), "says what to do"
    assert service.engines[0].batches == before


@pytest.mark.parametrize("field", ["inputs", "outputs"])
def test_nothing_is_made_of_a_million_tensors(service: Running, infer_request: Callable[..., Any], field: str) -> None:
    """Each is 2 bytes of a message, and would be a handful of Python objects."""
    message = schema.message("ModelInferRequest")
    number = message.DESCRIPTOR.fields_by_name[field].number
    sent = infer_request().SerializeToString() + bytes([number << 3 | 2, 0]) * 900_000
    request = message.FromString(sent)
    tracemalloc.start()
    with pytest.raises(RequestError):
        _request(request)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000
    with pytest.raises(grpc.RpcError) as raised:
        service.method(f"{schema.SERVICE}/ModelInfer")(sent, timeout=20)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_timeout_that_is_too_short_is_told_apart_from_busy(
    service: Running, infer_request: Callable[..., Any]
) -> None:
    request = infer_request()
    request.parameters["timeout"].int64_param = 1
    with pytest.raises(grpc.RpcError) as raised:
        service.call("ModelInfer", request)
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "too late" in raised.value.details()


def test_an_empty_parameter_is_as_good_as_none(service: Running, infer_request: Callable[..., Any]) -> None:
    request = infer_request()
    request.parameters["timeout"].SetInParent()
    assert service.call("ModelInfer", request).model_name == "toy"
