"""The table of messages against the descriptors of Triton's client, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from tritonclient.grpc import service_pb2

from seatrial.serve.grpc import schema

THEIRS = service_pb2.DESCRIPTOR


def described(message: Any) -> dict[int, tuple[object, ...]]:
    """What goes over the wire, and what it is called."""
    return {
        field.number: (
            field.name,
            field.type,
            field.is_repeated,
            field.message_type and field.message_type.full_name,
            field.containing_oneof and field.containing_oneof.name,
        )
        for field in message.fields
    }


def their_message(name: str) -> Any:
    return THEIRS.pool.FindMessageTypeByName(f"{schema.PACKAGE}.{name}")


@pytest.mark.parametrize("name", schema.MESSAGES)
def test_a_message_is_theirs(name: str) -> None:
    ours, theirs = schema.message(name).DESCRIPTOR, their_message(name)
    assert ours.full_name == theirs.full_name
    assert described(ours) == described(theirs)
    entries = {entry.name: described(entry) for entry in ours.nested_types if entry.GetOptions().map_entry}
    assert entries == {entry.name: described(entry) for entry in theirs.nested_types if entry.GetOptions().map_entry}


def test_the_methods_are_theirs() -> None:
    theirs = THEIRS.services_by_name["GRPCInferenceService"].methods_by_name
    ours = schema.pool().FindServiceByName(schema.SERVICE)
    assert ours.full_name == THEIRS.services_by_name["GRPCInferenceService"].full_name
    assert {method.name for method in ours.methods} == set(schema.RPCS)
    for method in ours.methods:
        their = theirs[method.name]
        assert method.input_type.full_name == their.input_type.full_name
        assert method.output_type.full_name == their.output_type.full_name
        assert (method.client_streaming, method.server_streaming) == (their.client_streaming, their.server_streaming)


def test_the_pool_is_our_own() -> None:
    assert schema.pool() is not THEIRS.pool
    assert schema.message("ModelInferRequest").DESCRIPTOR is not service_pb2.ModelInferRequest.DESCRIPTOR


def test_bytes_of_one_are_read_by_the_other() -> None:
    theirs = service_pb2.ModelInferRequest(model_name="m", raw_input_contents=[b"x"])
    theirs.parameters["timeout"].int64_param = 5
    theirs.inputs.add(name="text", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"y")
    ours = schema.message("ModelInferRequest").FromString(theirs.SerializeToString())
    assert ours.parameters["timeout"].int64_param == 5
    assert list(ours.inputs[0].contents.bytes_contents) == [b"y"]
    assert service_pb2.ModelInferRequest.FromString(ours.SerializeToString()) == theirs
