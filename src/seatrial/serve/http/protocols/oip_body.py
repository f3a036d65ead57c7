"""Bodies of the Open Inference Protocol over REST: JSON and bytes to a request, an answer to JSON and bytes.

Refuses to know: routes, models, and what is in the tensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.handlers import type_name
from seatrial.serve.http.answers import json_response, model_headers
from seatrial.serve.http.fields import optional_text
from seatrial.serve.oip.protocol import Answer, InferRequest
from seatrial.serve.oip.tensors import InputTensor, OutputTensor, check_counts, check_parameters

__all__ = ["HINT", "LENGTH_HEADER", "request_of", "response_of", "wants_binary"]

LENGTH_HEADER = "inference-header-content-length"
HINT = 'send {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a text"]}]}'


def request_of(body: dict[str, Any], binary: bytes, model: str, version: str | None) -> InferRequest:
    """A request, taken apart; what its tensors hold is looked at later.

    Args:
        body: the JSON object.
        binary: the bytes after it.
        model: from the path, as the version is.

    Raises:
        RequestError: a field has another type, or the bytes are not what the tensors say.
    """
    sent, wanted = _objects(body, "inputs"), _objects(body, "outputs")
    check_counts(len(sent), len(wanted))
    inputs, position = [], 0
    for index, item in enumerate(sent):
        tensor, size = _input(item, f"inputs[{index}]", binary, position)
        inputs.append(tensor)
        position += size
    if position < len(binary):
        raise RequestError(
            f"{len(binary) - position} bytes at the end belong to no tensor",
            hint="say binary_data_size for each tensor",
        )
    return InferRequest(
        model,
        version,
        optional_text(body, "id"),
        inputs,
        [_name(item, f"outputs[{index}]") for index, item in enumerate(wanted)],
        _parameters(body, "parameters"),
    )


def _input(item: dict[str, Any], where: str, binary: bytes, position: int) -> tuple[InputTensor, int]:
    """One tensor, and how many of the bytes are its own."""
    shape, data = item.get("shape"), item.get("data")
    if not isinstance(shape, list):
        raise RequestError(f"{where}.shape is {type_name(shape)}", hint="send a list of whole numbers, for example [1]")
    parameters = _parameters(item, f"{where}.parameters")
    size = parameters.get("binary_data_size")
    if size is None:
        if data is not None and not isinstance(data, list):
            raise RequestError(f"{where}.data is {type_name(data)}", hint="send a list of texts")
        elements = None if data is None else _flat(data)
        return InputTensor(item.get("name"), item.get("datatype"), shape, elements, parameters=parameters), 0
    if data is not None:
        raise RequestError(f"{where} holds both data and binary_data_size", hint="send one of them")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= len(binary) - position:
        raise RequestError(
            f"{where}.parameters.binary_data_size is not the size of bytes that were sent",
            hint=f"send the tensor's bytes after the JSON, and the header {LENGTH_HEADER.title()}",
        )
    raw = binary[position : position + size]
    return InputTensor(item.get("name"), item.get("datatype"), shape, raw=raw, parameters=parameters), size


def _flat(data: list[Any]) -> list[Any]:
    """Elements row by row: the protocol lets a client nest them as the shape says."""
    if data and all(isinstance(row, list) and len(row) == 1 for row in data):
        return [row[0] for row in data]
    return data


def _objects(body: dict[str, Any], name: str) -> Sequence[dict[str, Any]]:
    """A field that is a list of objects, null or not there."""
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RequestError(f"{name} is not a list of objects", hint=HINT)
    return value


def _parameters(body: dict[str, Any], where: str) -> dict[str, Any]:
    value = body.get("parameters")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(f"{where} is {type_name(value)}", hint="send an object, or leave it out")
    for name in ("binary_data", "binary_data_output"):
        if not isinstance(value.get(name, False), bool):
            raise RequestError(f"{where}.{name} is not a boolean", hint="send true or false")
    return value


def _name(item: dict[str, Any], where: str) -> str:
    name = item.get("name")
    if not isinstance(name, str):
        raise RequestError(f"{where}.name is {type_name(name)}", hint="send the name of an output")
    check_parameters(_parameters(item, f"{where}.parameters"))
    return name


def wants_binary(body: dict[str, Any]) -> Mapping[str | None, bool]:
    """Output → whether its bytes are wanted; None stands for those that are not named."""
    default = _parameters(body, "parameters").get("binary_data_output", False)
    asked: dict[str | None, bool] = {
        item["name"]: _parameters(item, "outputs").get("binary_data", default) for item in _objects(body, "outputs")
    }
    return {**asked, None: default}


def response_of(answer: Answer, request_id: str | None, binary: Mapping[str | None, bool]) -> Response:
    """The answer, in JSON or in JSON and bytes.

    Args:
        answer: what the model gave.
        request_id: the client's own, given back to it.
        binary: what `wants_binary` said of the request.
    """
    outputs, raw = [], []
    for tensor in answer.outputs:
        as_bytes = tensor.raw() if binary.get(tensor.name, binary[None]) else None
        outputs.append(_output(tensor, as_bytes))
        raw += [] if as_bytes is None else [as_bytes]
    body: dict[str, object] = {"model_name": answer.release.name, "model_version": answer.release.version}
    if request_id is not None:
        body["id"] = request_id
    body["outputs"] = outputs
    headers = model_headers(answer.prediction)
    if not raw:
        return json_response(body, headers)
    head = json.dumps(body, separators=(",", ":")).encode()
    headers[LENGTH_HEADER.title()] = str(len(head))
    return Response(b"".join((head, *raw)), 200, headers, "application/octet-stream")


def _output(tensor: OutputTensor, as_bytes: bytes | None) -> dict[str, object]:
    parameters: dict[str, object] = dict(tensor.parameters)
    if as_bytes is not None:
        parameters["binary_data_size"] = len(as_bytes)
    output: dict[str, object] = {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}
    if parameters:
        output["parameters"] = parameters
    if as_bytes is None:
        output["data"] = tensor.data()
    return output
