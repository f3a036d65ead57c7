"""The messages and the service of the Open Inference Protocol over gRPC, made from one table when they are needed.

Names, numbers and types are those of KServe's and Triton's `inference.GRPCInferenceService`. What is not offered here
is not in the table; a client that sends it is understood all the same, because protobuf skips unknown fields. The pool
is our own: a process may also hold a client's generated code for the same names. Refuses to know: what is in a message.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

__all__ = ["MESSAGES", "PACKAGE", "RPCS", "SERVICE", "message", "pool"]

PACKAGE = "inference"
SERVICE = f"{PACKAGE}.GRPCInferenceService"
FILE = "open_inference_grpc.proto"

Fields = tuple[tuple[int, str, str], ...]

NAME_AND_VERSION: Fields = ((1, "name", "string"), (2, "version", "string"))
TENSOR: Fields = ((1, "name", "string"), (2, "datatype", "string"), (3, "shape", "*int64"))
DATA: Fields = ((4, "parameters", "%InferParameter"), (5, "contents", "InferTensorContents"))
MODEL: Fields = (
    (1, "model_name", "string"),
    (2, "model_version", "string"),
    (3, "id", "string"),
    (4, "parameters", "%InferParameter"),
)
MESSAGES: dict[str, Fields] = {
    "ServerLiveRequest": (),
    "ServerLiveResponse": ((1, "live", "bool"),),
    "ServerReadyRequest": (),
    "ServerReadyResponse": ((1, "ready", "bool"),),
    "ModelReadyRequest": NAME_AND_VERSION,
    "ModelReadyResponse": ((1, "ready", "bool"),),
    "ServerMetadataRequest": (),
    "ServerMetadataResponse": (*NAME_AND_VERSION, (3, "extensions", "*string")),
    "ModelMetadataRequest": NAME_AND_VERSION,
    "ModelMetadataResponse": (
        (1, "name", "string"),
        (2, "versions", "*string"),
        (3, "platform", "string"),
        (4, "inputs", "*ModelMetadataResponse.TensorMetadata"),
        (5, "outputs", "*ModelMetadataResponse.TensorMetadata"),
    ),
    "ModelMetadataResponse.TensorMetadata": TENSOR,
    "InferParameter": (
        (1, "bool_param", "bool"),
        (2, "int64_param", "int64"),
        (3, "string_param", "string"),
        (4, "double_param", "double"),
        (5, "uint64_param", "uint64"),
    ),
    "InferTensorContents": (
        (1, "bool_contents", "*bool"),
        (2, "int_contents", "*int32"),
        (3, "int64_contents", "*int64"),
        (4, "uint_contents", "*uint32"),
        (5, "uint64_contents", "*uint64"),
        (6, "fp32_contents", "*float"),
        (7, "fp64_contents", "*double"),
        (8, "bytes_contents", "*bytes"),
    ),
    "ModelInferRequest": (
        *MODEL,
        (5, "inputs", "*ModelInferRequest.InferInputTensor"),
        (6, "outputs", "*ModelInferRequest.InferRequestedOutputTensor"),
        (7, "raw_input_contents", "*bytes"),
    ),
    "ModelInferRequest.InferInputTensor": (*TENSOR, *DATA),
    "ModelInferRequest.InferRequestedOutputTensor": ((1, "name", "string"), (2, "parameters", "%InferParameter")),
    "ModelInferResponse": (
        *MODEL,
        (5, "outputs", "*ModelInferResponse.InferOutputTensor"),
        (6, "raw_output_contents", "*bytes"),
    ),
    "ModelInferResponse.InferOutputTensor": (*TENSOR, *DATA),
    "ModelStreamInferResponse": ((1, "error_message", "string"), (2, "infer_response", "ModelInferResponse")),
}
"""Message → number, name and type of its fields; "*" is repeated, "%" a map from string to that message."""

ONEOFS = {"InferParameter": "parameter_choice"}
"""Message → the name that its fields share, of which a message holds one."""

RPCS: dict[str, tuple[str, str, bool]] = {
    **{
        name: (f"{name}Request", f"{name}Response", False)
        for name in ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer")
    },
    "ModelStreamInfer": ("ModelInferRequest", "ModelStreamInferResponse", True),
}
"""Method → what it takes, what it gives, and whether both are streams."""

FieldProto = descriptor_pb2.FieldDescriptorProto


@cache
def pool() -> Any:
    """A descriptor pool that holds the service, and those of health and reflection beside it."""
    from grpc_health.v1 import health_pb2
    from grpc_reflection.v1alpha import reflection_pb2

    made = descriptor_pool.DescriptorPool()
    made.Add(_file())
    for other in (health_pb2, reflection_pb2):
        copied = descriptor_pb2.FileDescriptorProto()
        other.DESCRIPTOR.CopyToProto(copied)
        made.Add(copied)
    return made


@cache
def message(name: str) -> Any:
    """The class of a message, by its name in the table."""
    return message_factory.GetMessageClass(pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


def _file() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name=FILE, package=PACKAGE, syntax="proto3")
    made: dict[str, Any] = {}
    for name, fields in MESSAGES.items():
        outer, _, own = name.rpartition(".")
        made[name] = (made[outer].nested_type if outer else file.message_type).add(name=own)
        if name in ONEOFS:
            made[name].oneof_decl.add(name=ONEOFS[name])
        for number, field, kind in fields:
            _add_field(made[name], name, number, field, kind)
    service = file.service.add(name=SERVICE.rpartition(".")[2])
    for name, (taken, given, stream) in RPCS.items():
        service.method.add(
            name=name,
            input_type=f".{PACKAGE}.{taken}",
            output_type=f".{PACKAGE}.{given}",
            client_streaming=stream,
            server_streaming=stream,
        )
    return file


def _add_field(owner: Any, owner_name: str, number: int, name: str, kind: str) -> None:
    """Add a field to the description of a message; a map is a repeated message of its own, as protobuf has it."""
    made = owner.field.add(number=number, name=name, label=FieldProto.LABEL_OPTIONAL)
    if owner_name in ONEOFS:
        made.oneof_index = 0
    if kind[0] in "*%":
        made.label = FieldProto.LABEL_REPEATED
    plain = kind.lstrip("*%")
    if kind.startswith("%"):
        entry = owner.nested_type.add(name=f"{name.title()}Entry")
        entry.options.map_entry = True
        _add_field(entry, "", 1, "key", "string")
        _add_field(entry, "", 2, "value", plain)
        plain = f"{owner_name}.{entry.name}"
    if plain[0].isupper():
        made.type, made.type_name = FieldProto.TYPE_MESSAGE, f".{PACKAGE}.{plain}"
    else:
        made.type = FieldProto.Type.Value(f"TYPE_{plain.upper()}")
