"""Bad inputs over gRPC: messages whose tensors lie, bytes that are no message, too much of anything, unknown methods.

Refuses to know: sending.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc

from seatrial.serve.grpc.schema import SERVICE, message

from .doors import MODEL

__all__ = ["BAD_CALLS", "BAD_OPENINGS", "INFER", "INVALID", "TOO_MUCH", "BadCall", "good_call", "label_of"]

INFER = f"/{SERVICE}/ModelInfer"
INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
UNKNOWN, TOO_MUCH = grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.RESOURCE_EXHAUSTED
LONG = "a" * 10_000
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class BadCall:
    """One call, and the status that is right."""

    status: grpc.StatusCode
    sent: bytes
    path: str = INFER
    metadata: Sequence[tuple[str, str | bytes]] = ()
    compression: grpc.Compression = grpc.Compression.NoCompression


def good_call(text: str = "What a lovely day") -> Any:
    """A message that asks for the label of a text."""
    request = message("ModelInferRequest")(model_name=MODEL)
    tensor = request.inputs.add(name="text", datatype="BYTES", shape=[1])
    tensor.contents.bytes_contents.append(text.encode())
    return request


def label_of(answered: bytes) -> tuple[str, float]:
    """Label and score in an answer."""
    response = message("ModelInferResponse").FromString(answered)
    raw = dict(zip((output.name for output in response.outputs), response.raw_output_contents, strict=True))
    return raw["label"][4:].decode(), struct.unpack("<f", raw["score"])[0]


def element(content: bytes, length: int | None = None) -> bytes:
    """An element of a tensor in bytes."""
    return struct.pack("<I", len(content) if length is None else length) + content


def lie(change: Callable[[Any], object], status: grpc.StatusCode = INVALID) -> BadCall:
    """A good message, changed."""
    request = good_call()
    change(request)
    return BadCall(status, request.SerializeToString())


def raw(*contents: bytes, shape: Sequence[int] = (1,)) -> BadCall:
    """A tensor whose bytes are beside it."""

    def change(request: Any) -> None:
        request.inputs[0].ClearField("contents")
        request.inputs[0].ClearField("shape")
        request.inputs[0].shape.extend(shape)
        request.raw_input_contents.extend(contents)

    return lie(change)


def field(name: str, value: Any) -> BadCall:
    """A tensor with another field."""
    return lie(lambda request: setattr(request.inputs[0], name, value))


def shape(*sizes: int) -> BadCall:
    """A tensor with another shape."""

    def change(request: Any) -> None:
        request.inputs[0].ClearField("shape")
        request.inputs[0].shape.extend(sizes)

    return lie(change)


def texts(*contents: bytes) -> BadCall:
    """A tensor of these texts."""

    def change(request: Any) -> None:
        del request.inputs[0].shape[:], request.inputs[0].contents.bytes_contents[:]
        request.inputs[0].shape.append(len(contents))
        request.inputs[0].contents.bytes_contents.extend(contents)

    return lie(change)


def model(name: str, version: str = "") -> BadCall:
    """A good text for another model."""

    def change(request: Any) -> None:
        request.model_name, request.model_version = name, version

    return lie(change, NOT_FOUND)


def parameter(name: str, **value: Any) -> BadCall:
    """A parameter of the request."""
    return lie(lambda request: request.parameters[name].CopyFrom(message("InferParameter")(**value)))


def flooded(count: int, size: int) -> BadCall:
    """So many values beside a good message."""
    return BadCall(TOO_MUCH, good_call().SerializeToString(), metadata=[(f"x-{n}", "a" * size) for n in range(count)])


def deep(levels: int) -> bytes:
    """Groups in each other, as unknown fields of a message."""
    return b"\x7b" * levels + b"\x7c" * levels


def twice(request: Any) -> None:
    """The same tensor again."""
    request.inputs.append(request.inputs[0])


def outputs(*names: str) -> BadCall:
    """Outputs that are asked for."""
    return lie(lambda request: [request.outputs.add(name=name) for name in names])


ONE = element(b"so good")
BAD_CALLS: dict[str, BadCall] = {
    "no bytes": BadCall(INVALID, b""),  # a message without anything
    "bytes that are no message": BadCall(INVALID, b"\xff" * 100),
    "JSON": BadCall(INVALID, b'{"model_name": "trial"}'),
    "half a message": BadCall(INVALID, good_call().SerializeToString()[:-3]),
    "a length beyond the message": BadCall(INVALID, b"\x0a\xff\xff\xff\xff\x07a"),
    "a number without end": BadCall(INVALID, b"\x08" + b"\xff" * 20),
    "a name that is no UTF-8": BadCall(INVALID, b"\x0a\x02\xff\xfe"),
    "groups in each other": BadCall(INVALID, deep(100_000)),
    "messages in each other": BadCall(INVALID, good_call().SerializeToString() + deep(500)),
    "no tensor": lie(lambda request: request.ClearField("inputs")),
    "two tensors": lie(twice),
    "another input": field("name", "../text"),
    "no name": field("name", ""),
    "another datatype": field("datatype", "FP32"),
    "no datatype": field("datatype", ""),
    "a datatype of 10,000 characters": field("datatype", LONG),
    "no shape": shape(),
    "a negative shape": shape(-1),
    "a shape that says too much": shape(2),
    "a shape of nothing": shape(0),
    "a shape of 63 bits": shape(2**63 - 1),
    "a shape whose product is small": shape(2**32, 2**32),
    "a shape in three dimensions": shape(1, 1, 1),
    "a shape of 100,000 dimensions": shape(*[1] * 100_000),
    "no text": texts(),
    "an empty text": texts(b""),
    "a text of spaces": texts(b"  \t"),
    "a text of NUL alone": texts(b"\0"),
    "a text of no visible width": texts("\u200b\u2060".encode()),
    "33 texts": texts(*[b"a"] * 33),
    "100,000 texts": texts(*[b"a"] * 100_000),
    "a text that is no UTF-8": texts(b"\xff\xfe"),
    "an overlong form": texts(b"\xc0\xaf"),
    "a surrogate in UTF-8": texts(b"\xed\xa0\x80"),
    "a text that is too long": texts(b"a" * 20_001),
    "100,000 combining marks": texts(("\u0301" * 100_000).encode()),
    "bytes and contents": lie(lambda request: request.raw_input_contents.append(ONE)),
    "bytes for two tensors": raw(ONE, ONE),
    "bytes that end too early": raw(element(b"so good", 100)),
    "bytes of 4 GB": raw(element(b"so good", 2**32 - 1)),
    "bytes that go on": raw(element(b"so good", 2)),
    "bytes for fewer texts than the shape": raw(ONE, shape=(2,)),
    "bytes for more texts than the shape": raw(ONE + ONE),
    "half a length": raw(b"\x01\x00"),
    "empty bytes": raw(b""),
    "bytes that are no UTF-8": raw(element(b"\xff\xfe")),
    "an output that there is not": outputs("logits"),
    "an output twice": outputs("label", "label"),
    "100,000 outputs": outputs(*["a"] * 100_000),
    "shared memory": parameter("shared_memory_region", string_param="/dev/shm/a"),
    "a timeout that is a text": parameter("timeout", string_param="soon"),
    "a negative timeout": parameter("timeout", int64_param=-1),
    "an id of 10,000 characters": lie(lambda request: setattr(request, "id", LONG)),
    "an id that breaks the line": lie(lambda request: setattr(request, "id", "a\r\nb")),
    "another model": model("other"),
    "no model": model(""),
    "a model named ../../etc/passwd": model("../../etc/passwd"),
    "a model with NUL": model(f"{MODEL}\0"),
    "a model that turns the writing": model("\u202elairt"),
    "a model of 10,000 characters": model(LONG),
    "another version": model(MODEL, "other"),
    "a version named ..": model(MODEL, ".."),
    "a message of 3 MB": BadCall(TOO_MUCH, bytes(3_000_000)),
    "a bomb": BadCall(TOO_MUCH, bytes(30_000_000), compression=grpc.Compression.Gzip),
    "1,000 values beside the message": flooded(1000, 30),
    "a value of 100 kB beside the message": flooded(1, 100_000),
    "an unknown method": BadCall(UNKNOWN, b"", f"/{SERVICE}/Delete"),
    "an unknown service": BadCall(UNKNOWN, b"", "/a.B/C"),
    "a method of another's": BadCall(UNKNOWN, b"", f"/{SERVICE}/RepositoryIndex"),
    "a method named ..": BadCall(UNKNOWN, b"", f"/{SERVICE}/../../etc/passwd"),
    "a method with a slash too many": BadCall(UNKNOWN, b"", f"{INFER}/"),
    "a method of 10,000 characters": BadCall(UNKNOWN, b"", f"/{SERVICE}/{LONG}"),
    "a method that streams": BadCall(UNKNOWN, good_call().SerializeToString(), f"/{SERVICE}/ModelStreamInfer"),
    "metadata of another model": BadCall(
        NOT_FOUND, message("ModelMetadataRequest")(name="../trial").SerializeToString(), f"/{SERVICE}/ModelMetadata"
    ),
    "health of another service": BadCall(NOT_FOUND, b"\x0a\x05other", "/grpc.health.v1.Health/Check"),
    "health of no message": BadCall(INVALID, b"\xff\xff", "/grpc.health.v1.Health/Check"),
}
BAD_OPENINGS: dict[str, bytes] = {
    "nothing": b"",
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "random bytes": random.Random(1).randbytes(10_000),
    "half an opening": PREFACE[:10],
    "an opening and random bytes": PREFACE + random.Random(1).randbytes(10_000),
    "a frame of 16 MB": PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + bytes(100_000),
    "headers before the settings": PREFACE + b"\x00\x00\x04\x01\x04\x00\x00\x00\x01\xff\xff\xff\xff",
    "headers that go on for ever": SETTINGS
    + b"\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82"
    + b"\x00\x00\x01\x09\x00\x00\x00\x00\x01\x82" * 20_000,
    "10,000 pings": SETTINGS + b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" * 10_000,
    "10,000 streams that are reset": SETTINGS
    + b"".join(
        b"\x00\x00\x01\x01\x05%s\x82\x00\x00\x04\x03\x00%s\x00\x00\x00\x08" % ((struct.pack(">I", 2 * n + 1),) * 2)
        for n in range(10_000)
    ),
}
"""What is no HTTP/2, or the worst of it, sent to the port of gRPC."""
