"""Bad inputs that only one protocol can be given: tensors that lie, flags and names of other models.

Refuses to know: sending.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

from .bad_heads import Make
from .doors import MODEL, Door, request

__all__ = ["BAD_BY_DOOR"]

LONG = "a" * 10_000
LENGTH = b"Inference-Header-Content-Length: "


def body(value: Any, *lines: bytes) -> Make:
    """This, in JSON."""
    return lambda door: request(door, json.dumps(value).encode(), *lines)


def tensor(**changes: Any) -> Make:
    """A good tensor with some of its fields changed; `...` takes one away."""
    good = {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["so good"], **changes}
    return body({"inputs": [{name: value for name, value in good.items() if value is not ...}]})


def asked(**fields: Any) -> Make:
    """A good tensor, with fields of the request beside it."""
    return body({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["so good"]}], **fields})


def binary(raw: bytes, *, shape: list[int] | None = None, said: Any = None, header: bytes | None = None) -> Make:
    """A tensor in bytes, whose size is `said`; `header` says where the JSON ends."""

    def make(door: Door) -> bytes:
        size = len(raw) if said is None else said
        tensor = {"name": "text", "datatype": "BYTES", "shape": shape or [1], "parameters": {"binary_data_size": size}}
        head = json.dumps({"inputs": [tensor]}).encode()
        return request(door, head + raw, LENGTH + (b"%d" % len(head) if header is None else header))

    return make


def element(content: bytes, length: int | None = None) -> bytes:
    """An element of a tensor in bytes."""
    return struct.pack("<I", len(content) if length is None else length) + content


def model(path: str) -> Make:
    """A good request to another model of the v2 protocol."""
    return lambda door: request(door, None, first=f"POST /v2/models/{path}/infer HTTP/1.1".encode())


def named(field: str, **beside: Any) -> Callable[[Any], Make]:
    """A good text, with a model's name in the body."""
    return lambda name: body({field: "so good", "model": name, **beside})


ONE = element(b"so good")
V2: dict[str, tuple[int, Make]] = {
    "a shape that says too much": (400, tensor(shape=[2])),
    "a shape that says too little": (400, tensor(data=["a", "b"])),
    "a shape of nothing": (400, tensor(shape=[0], data=[])),
    "a negative shape": (400, tensor(shape=[-1])),
    "a shape beyond 64 bits": (400, tensor(shape=[10**30])),
    "a shape in three dimensions": (400, tensor(shape=[1, 1, 1])),
    "a shape without dimensions": (400, tensor(shape=[])),
    "a shape of 100,000 dimensions": (400, tensor(shape=[1] * 100_000)),
    "a shape with a point": (400, tensor(shape=[1.0])),
    "a shape of booleans": (400, tensor(shape=[True])),
    "a shape in quotes": (400, tensor(shape="[1]")),
    "no shape": (400, tensor(shape=...)),
    "another datatype": (400, tensor(datatype="FP32")),
    "no datatype": (400, tensor(datatype=...)),
    "a datatype that is a list": (400, tensor(datatype=["BYTES"])),
    "another input": (400, tensor(name="../text")),
    "no name": (400, tensor(name=...)),
    "no data": (400, tensor(data=...)),
    "data that is an object": (400, tensor(data={"0": "a"})),
    "data that is ragged": (400, tensor(data=[["a"], "b"], shape=[2])),
    "shared memory": (400, tensor(parameters={"shared_memory_region": "/dev/shm/a", "shared_memory_byte_size": 4})),
    "parameters that are a list": (400, tensor(parameters=[])),
    "two tensors": (400, body({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}] * 2})),
    "10,000 tensors": (400, body({"inputs": [{"name": "text", "shape": []}] * 10_000})),
    "inputs that are no tensors": (400, body({"inputs": ["so good"]})),
    "inputs that are an object": (400, body({"inputs": {}})),
    "an output that there is not": (400, asked(outputs=[{"name": "logits"}])),
    "an output twice": (400, asked(outputs=[{"name": "label"}] * 2)),
    "outputs without names": (400, asked(outputs=[{}])),
    "an id that is a number": (400, asked(id=7)),
    "an id of 10,000 characters": (400, asked(id=LONG)),
    "an id that breaks the line": (400, asked(id="a\r\nX: b")),
    "a timeout that is a text": (400, asked(parameters={"timeout": "soon"})),
    "a negative timeout": (400, asked(parameters={"timeout": -1})),
    "a flag that is no flag": (400, asked(parameters={"binary_data_output": "yes"})),
    "an element longer than the bytes": (400, binary(element(b"so good", 100))),
    "an element of 4 GB": (400, binary(element(b"so good", 2**32 - 1))),
    "an element shorter than the bytes": (400, binary(element(b"so good", 2))),
    "bytes for fewer elements than the shape": (400, binary(ONE, shape=[2])),
    "bytes for more elements than the shape": (400, binary(ONE * 2)),
    "half a length": (400, binary(b"\x01\x00")),
    "no bytes": (400, binary(b"")),
    "an element that is no UTF-8": (400, binary(element(b"\xff\xfe"))),
    "an element of NULs that is empty": (400, binary(element(b""))),
    "a size beyond the bytes": (400, binary(ONE, said=10**6)),
    "a size within the bytes": (400, binary(ONE, said=4)),
    "a negative size": (400, binary(ONE, said=-1)),
    "a size of 30 digits": (400, binary(ONE, said=10**30)),
    "a size that is a text": (400, binary(ONE, said="11")),
    "JSON beyond the body": (400, binary(ONE, header=b"100000")),
    "JSON of no length": (400, binary(ONE, header=b"0")),
    "JSON of negative length": (400, binary(ONE, header=b"-1")),
    "JSON that ends within itself": (400, binary(ONE, header=b"10")),
    "JSON of 5,000 digits": (400, binary(ONE, header=b"9" * 5000)),
    "another model": (404, model("other")),
    "a model named ..": (404, model("..")),
    "a model named ../trial": (404, model(f"../{MODEL}")),
    "a model named ../../etc/passwd": (404, model("..%2f..%2fetc%2fpasswd")),
    "a model named %2e%2e": (404, model("%2e%2e")),
    "a model with NUL": (404, model(f"{MODEL}%00")),
    "a model that is no UTF-8": (404, model("%ff%fe")),
    "a model that turns the writing": (404, model("%E2%80%AElairt")),
    "a model of 10,000 characters": (404, model(LONG)),
    "no model": (404, model("")),
    "another version": (404, model(f"{MODEL}/versions/other")),
    "a version named ..": (404, model(f"{MODEL}/versions/..")),
}
OWN: dict[str, tuple[int, Make]] = {
    "an unknown field": (422, body({"inputs": "so good", "truncate": True})),
    "a model that is a number": (422, named("inputs")(7)),
    "a model that is a list": (422, named("inputs")(["trial"])),
    "another model": (404, named("inputs")("other")),
    "a model named ../../etc/passwd": (404, named("inputs")("../../etc/passwd")),
    "a model with NUL": (404, named("inputs")(f"{MODEL}\0")),
    "a model that is half a pair": (404, named("inputs")("\ud800")),
    "a model of 10,000 characters": (404, named("inputs")(LONG)),
    "a version that is a number": (422, body({"inputs": "so good", "version": 1})),
    "another version": (404, body({"inputs": "so good", "version": "../" + LONG})),
}
OPENAI: dict[str, tuple[int, Make]] = {
    "an unknown field": (400, body({"input": "so good", "temperature": 1})),
    "a model that is a number": (400, named("input")(7)),
    "another model": (404, named("input")("gpt-4")),
    "a model named ../../etc/passwd": (404, named("input")("../../etc/passwd")),
    "a model with NUL": (404, named("input")(f"{MODEL}\0@\0")),
    "a model of @": (404, named("input")("@" * 10_000)),
    "an image": (400, body({"input": [{"type": "image_url", "image_url": {"url": "http://localhost/a.png"}}]})),
    "a part without a text": (400, body({"input": [{"type": "text"}]})),
    "a part whose text is a number": (400, body({"input": [{"type": "text", "text": 1}]})),
}
EMBEDDINGS: dict[str, tuple[int, Make]] = {
    "an encoding that there is not": (400, body({"input": "a", "encoding_format": "base32"})),
    "an encoding that is a flag": (400, body({"input": "a", "encoding_format": True})),
    "an encoding that is a list": (400, body({"input": "a", "encoding_format": ["base64"]})),
    "tokens": (400, body({"input": [1, 2, 3]})),
    "lists of tokens": (400, body({"input": [[1, 2], [3]]})),
    "a dimension of 0.5": (400, body({"input": "a", "dimensions": 0.5})),
    "a user that is an object": (400, body({"input": "a", "user": {}})),
    "embeddings of a model of labels": (404, body({"input": "a"})),
}
TEI: dict[str, tuple[int, Make]] = {
    "an unknown field": (422, body({"inputs": "so good", "model": "trial"})),
    "raw scores": (422, body({"inputs": "so good", "raw_scores": True})),
    "a flag that is a text": (422, body({"inputs": "so good", "truncate": "true"})),
    "a flag that is a number": (422, body({"inputs": "so good", "raw_scores": 0})),
    "another direction": (422, body({"inputs": "so good", "truncation_direction": "Up"})),
    "a direction that is an object": (422, body({"inputs": "so good", "truncation_direction": {}})),
    "pairs": (422, body({"inputs": [["a", "b"]]})),
    "texts that are in no lists": (422, body({"inputs": ["a", "b"]})),
    "a long text that must not be cut": (422, body({"inputs": "so good " * 1000, "truncate": False})),
    "parameters": (422, body({"inputs": "so good", "parameters": {"top_k": 1}})),
}
CSV = b"text/csv"
SAGEMAKER: dict[str, tuple[int, Make]] = {
    "an unknown field": (422, body({"inputs": "so good", "instances": []})),
    "parameters that cannot be set": (422, body({"inputs": "so good", "parameters": {"top_k": 1}})),
    "a form of answers that there is not": (406, lambda door: request(door, None, b"Accept: image/png")),
    "a form of answers that is not wanted": (406, lambda door: request(door, None, b"Accept: application/json;q=0")),
    "a table of two columns": (422, lambda door: request(door, b"a,b\n", kind=CSV)),
    "a table with a quote that does not end": (400, lambda door: request(door, b'"a\n', kind=CSV)),
    "a table that is no UTF-8": (400, lambda door: request(door, b"\xff\n", kind=CSV)),
    "a table of 10,000 rows": (422, lambda door: request(door, b"a\n" * 10_000, kind=CSV)),
    "a cell of 200,000 characters": (400, lambda door: request(door, b"a" * 200_000, kind=CSV)),
    "a table without rows": (422, lambda door: request(door, b"\n\n", kind=CSV)),
    "a line that is no JSON": (400, lambda door: request(door, b'"a"\nb\n', kind=b"application/jsonlines")),
    "a line of 250,000 brackets": (400, lambda door: request(door, b"[" * 250_000, kind=b"application/jsonlines")),
    "500,000 lines": (422, lambda door: request(door, b"1\n" * 500_000, kind=b"application/jsonlines")),
}
BAD_BY_DOOR = {"REST": OWN, "v2": V2, "OpenAI": OPENAI, "TEI": TEI, "SageMaker": SAGEMAKER, "embeddings": EMBEDDINGS}
"""Door → name → the protocol's own status, and the request."""
