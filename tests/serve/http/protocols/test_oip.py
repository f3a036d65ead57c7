"""The Open Inference Protocol over REST with Triton's own client, against a real socket, and its refusals."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from seatrial.serve.access import Gatekeeper, Scope
from seatrial.serve.keys import KeyStore
from seatrial.serve.oip.tensors import join_bytes
from seatrial.serve.settings import ServeSettings

from ..conftest import Both

TEXTS = ["abc", "ünï"]
ONE = {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["abc"]}
PATH = "/v2/models/toy/infer"


@pytest.fixture(scope="module")
def live(listening: Callable[[Any], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    return listening(Both(tmp_path_factory.mktemp("both")).app)


@pytest.fixture
def client(live: str) -> Iterator[triton.InferenceServerClient]:
    client = triton.InferenceServerClient(live.removeprefix("http://"))
    yield client
    client.close()


def text_input(texts: list[str], *, binary: bool = True, column: bool = False) -> triton.InferInput:
    array = np.array([text.encode() for text in texts], dtype=np.object_)
    array = array.reshape(-1, 1) if column else array
    made = triton.InferInput("text", list(array.shape), "BYTES")
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def test_health_and_metadata(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("toy")
    assert client.is_model_ready("toy", "0123456789ab")
    assert not client.is_model_ready("other")
    assert not client.is_model_ready("toy", "other")
    assert client.get_server_metadata() == {
        "name": "seatrial",
        "version": "v2",
        "extensions": ["binary_tensor_data"],
    }
    assert client.get_model_metadata("toy") == {
        "name": "toy",
        "versions": ["0123456789ab"],
        "platform": "seatrial",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "score", "datatype": "FP32", "shape": [-1]},
            {"name": "scores", "datatype": "FP32", "shape": [-1, 2]},
        ],
    }


@pytest.mark.parametrize("binary", [True, False], ids=["bytes", "json"])
@pytest.mark.parametrize("column", [True, False], ids=["n,1", "n"])
@pytest.mark.parametrize("version", ["", "0123456789ab"], ids=["current", "named"])
def test_tritons_client_is_answered(
    client: triton.InferenceServerClient, binary: bool, column: bool, version: str
) -> None:
    result = client.infer(
        "toy",
        [text_input(TEXTS, binary=binary, column=column)],
        model_version=version,
        request_id="mine",
        timeout=10**6,
    )
    response = result.get_response()
    assert (response["model_name"], response["model_version"], response["id"]) == ("toy", "0123456789ab", "mine")
    assert result.as_numpy("label").tolist() == [b"good", b"good"]
    assert result.as_numpy("score").tolist() == [3.0, 3.0]
    assert result.as_numpy("scores").tolist() == [[0.0, 3.0], [0.0, 3.0]]
    assert all("binary_data_size" in output["parameters"] for output in response["outputs"])


def test_each_output_in_the_form_that_is_asked_for(client: triton.InferenceServerClient) -> None:
    wanted = [
        triton.InferRequestedOutput("scores", binary_data=False),
        triton.InferRequestedOutput("label", binary_data=True),
    ]
    result = client.infer("toy", [text_input(TEXTS)], outputs=wanted)
    scores, label = result.get_response()["outputs"]
    assert (scores["name"], label["name"]) == ("scores", "label")
    assert scores["data"] == [0.0, 3.0, 0.0, 3.0]
    assert "data" not in label
    assert result.as_numpy("label").tolist() == [b"good", b"good"]
    assert result.as_numpy("score") is None


def test_embeddings(client: triton.InferenceServerClient) -> None:
    vectors = client.infer("letters", [text_input(["stone", "notes"])]).as_numpy("embedding")
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, 26)
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-6)


def test_a_compressed_request(client: triton.InferenceServerClient) -> None:
    result = client.infer("toy", [text_input(TEXTS)], request_compression_algorithm="gzip")
    assert result.as_numpy("label").tolist() == [b"good", b"good"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.infer("other", [text_input(TEXTS)]),
        lambda client: client.infer("../toy", [text_input(TEXTS)]),
        lambda client: client.infer("toy", [text_input(TEXTS)], model_version="other"),
        lambda client: client.infer("toy", [text_input(TEXTS)], outputs=[triton.InferRequestedOutput("other")]),
        lambda client: client.infer("toy", [text_input([" "])]),
        lambda client: client.infer("toy", [text_input(["a"] * 33)]),
        lambda client: client.get_model_metadata("other"),
        lambda client: client.get_model_repository_index(),
        lambda client: client.get_inference_statistics(),
    ],
)
def test_tritons_client_reads_every_refusal(client: triton.InferenceServerClient, ask: Callable[[Any], Any]) -> None:
    with pytest.raises(InferenceServerException) as raised:
        ask(client)
    assert raised.value.status() in {"400", "404"}
    assert isinstance(raised.value.message(), str)
    assert ";" in raised.value.message()


def test_keys_and_a_stopping_service(listening: Callable[[Any], str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("locked")
    key = KeyStore(folder / "keys.json", create=True).add("a", [Scope.PREDICT])[1]
    both = Both(folder, gatekeeper=Gatekeeper(KeyStore(folder / "keys.json"), None))
    client = triton.InferenceServerClient(listening(both.app).removeprefix("http://"))
    assert client.is_server_ready()
    with pytest.raises(InferenceServerException, match="401"):
        client.get_server_metadata()
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get_server_metadata(headers=headers)["name"] == "seatrial"
    assert client.infer("toy", [text_input(TEXTS)], headers=dict(headers)).as_numpy("score").tolist() == [3.0, 3.0]
    both.handlers.health.stop()
    assert client.is_server_live()
    assert not client.is_server_ready()
    assert not client.is_model_ready("toy", headers=headers)
    client.close()


def test_a_plain_request_gets_plain_json(both: Both) -> None:
    response = both.post(PATH, {"id": "7", "inputs": [{**ONE, "shape": [2, 1], "data": [["abc"], ["a"]]}]})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-model-version"] == "0123456789ab"
    assert response.json() == {
        "model_name": "toy",
        "model_version": "0123456789ab",
        "id": "7",
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [2], "data": ["good", "good"]},
            {"name": "score", "datatype": "FP32", "shape": [2], "data": [3.0, 1.0]},
            {
                "name": "scores",
                "datatype": "FP32",
                "shape": [2, 2],
                "parameters": {"labels": '["bad", "good"]'},
                "data": [0.0, 3.0, 0.0, 1.0],
            },
        ],
    }


def test_nulls_stand_for_what_is_left_out(both: Both) -> None:
    body = {"id": None, "parameters": None, "outputs": None, "inputs": [{**ONE, "parameters": None}]}
    assert both.post(PATH, body).status_code == 200


def binary_body(sizes: list[object], binary: bytes, **more: object) -> tuple[bytes, dict[str, str]]:
    inputs = [
        {"name": "text", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": size}} for size in sizes
    ]
    head = json.dumps({"inputs": inputs, **more}).encode()
    return head + binary, {"Inference-Header-Content-Length": str(len(head))}


ELEMENT = join_bytes([b"abc"])
HEAD = json.dumps({"inputs": [ONE]}).encode()
BAD_BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "a huge declared size": binary_body([10**12], ELEMENT),
    "a size beyond any integer": binary_body([10**400], ELEMENT),
    "a negative size": binary_body([-1], ELEMENT),
    "a size that is a boolean": binary_body([True], ELEMENT),
    "a size that is a text": binary_body(["7"], ELEMENT),
    "a size that is a fraction": binary_body([7.0], ELEMENT),
    "a size too small": binary_body([6], ELEMENT),
    "a size too large": binary_body([8], ELEMENT),
    "bytes that no tensor has": binary_body([], ELEMENT),
    "two tensors": binary_body([7, 7], ELEMENT * 2),
    "bytes that are not UTF-8": binary_body([6], struct.pack("<I", 2) + b"\xff\xfe"),
    "a huge length inside": binary_body([8], struct.pack("<I", 2**32 - 1) + b"text"),
    "a head beyond the body": (HEAD, {"Inference-Header-Content-Length": "9999"}),
    "a head of nothing": (HEAD, {"Inference-Header-Content-Length": "0"}),
    "a negative head": (HEAD, {"Inference-Header-Content-Length": "-1"}),
    "a head that is no number": (HEAD, {"Inference-Header-Content-Length": "ten"}),
    "a head of 5,000 digits": (HEAD, {"Inference-Header-Content-Length": "9" * 5000}),
    "half of the head": (HEAD, {"Inference-Header-Content-Length": "10"}),
    "bytes and no head": (HEAD + ELEMENT, {}),
    "data and bytes": binary_body([7], ELEMENT, inputs=[{**ONE, "parameters": {"binary_data_size": 7}}]),
    "another type": (HEAD, {"Content-Type": "text/plain"}),
    "a half gzip": (gzip.compress(HEAD)[:-9], {"Content-Encoding": "gzip"}),
    "nothing": (b"", {}),
    **{
        name: (json.dumps(value).encode(), {})
        for name, value in {
            "a list": [],
            "no inputs": {},
            "inputs that are a text": {"inputs": "abc"},
            "inputs that are texts": {"inputs": ["abc"]},
            "no shape": {"inputs": [{"name": "text", "datatype": "BYTES", "data": ["abc"]}]},
            "a shape that is a number": {"inputs": [{**ONE, "shape": 1}]},
            "a shape that lies": {"inputs": [{**ONE, "shape": [2]}]},
            "a shape of lists": {"inputs": [{**ONE, "shape": [[1]]}]},
            "another datatype": {"inputs": [{**ONE, "datatype": "INT64", "data": [1]}]},
            "numbers": {"inputs": [{**ONE, "data": [1]}]},
            "data that is a text": {"inputs": [{**ONE, "data": "abc"}]},
            "data nested twice": {"inputs": [{**ONE, "data": [[["abc"]]]}]},
            "no data": {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1]}]},
            "no texts": {"inputs": [{**ONE, "shape": [0], "data": []}]},
            "half a surrogate pair": {"inputs": [{**ONE, "data": ["\ud800"]}]},
            "a surrogate as id": {"id": "\ud800", "inputs": [ONE]},
            "a number as id": {"id": 7, "inputs": [ONE]},
            "outputs that are names": {"inputs": [ONE], "outputs": ["label"]},
            "an output without a name": {"inputs": [ONE], "outputs": [{}]},
            "an unknown output": {"inputs": [ONE], "outputs": [{"name": "\ud800" * 500}]},
            "many inputs": {"inputs": [{}] * 100_000},
            "many outputs": {"inputs": [ONE], "outputs": [{"name": "x"}] * 9},
            "a long shape": {"inputs": [{**ONE, "shape": [1] * 100_000}]},
            "an output twice": {"inputs": [ONE], "outputs": [{"name": "label"}] * 2},
            "parameters that are a list": {"inputs": [ONE], "parameters": []},
            "a tensor's parameters that are a text": {"inputs": [{**ONE, "parameters": "x"}]},
            "binary outputs maybe": {"inputs": [ONE], "parameters": {"binary_data_output": "yes"}},
            "a binary output maybe": {
                "inputs": [ONE],
                "outputs": [{"name": "label", "parameters": {"binary_data": 1}}],
            },
            "the classification extension": {
                "inputs": [ONE],
                "outputs": [{"name": "label", "parameters": {"classification": 2}}],
            },
            "a timeout that is a text": {"inputs": [ONE], "parameters": {"timeout": "soon"}},
            "shared memory": {"inputs": [{**ONE, "parameters": {"shared_memory_region": "x"}}]},
        }.items()
    },
}


@pytest.mark.parametrize(("body", "headers"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused_in_one_sentence(both: Both, body: bytes, headers: dict[str, str]) -> None:
    response = both.request("POST", PATH, content=body, headers=headers)
    assert response.status_code in {400, 415}
    told = response.json()
    assert set(told) == {"error"}
    assert isinstance(told["error"], str)
    assert len(told["error"]) < 400
    assert both.engine.batches == []


def test_too_large_a_body(tmp_path: Path) -> None:
    both = Both(tmp_path, ServeSettings(max_body_bytes=1000))
    body, headers = binary_body([2000], bytes(2000))
    response = both.request("POST", PATH, content=body, headers=headers)
    assert response.status_code == 413
    assert isinstance(response.json()["error"], str)


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/models/toy/versions", "/v2/models/%2e%2e/toy/x/infer", "/v2/"])
def test_where_there_is_nothing_the_refusal_has_the_protocols_shape(both: Both, path: str) -> None:
    response = both.request("POST", path)
    assert response.status_code == 404
    assert isinstance(response.json()["error"], str)


def test_nothing_tells_which_software_answers(both: Both) -> None:
    for path in ("/v2", "/v2/models/toy", "/v2/models/other"):
        response = both.get(path)
        told = (response.text + str(response.headers)).lower()
        for word in ("python", "uvicorn", "starlette", "fastapi", "onnx", "/tmp", "/home"):
            assert word not in told
