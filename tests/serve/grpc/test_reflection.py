"""Reflection with gRPC's own client for it: whoever asks can build every message without a file of ours."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from seatrial.serve.grpc import schema

from .conftest import Running, Start

Ask = reflection_pb2.ServerReflectionRequest


def test_the_services_are_listed(service: Running) -> None:
    assert set(ProtoReflectionDescriptorDatabase(service.channel).get_services()) == {
        "inference.GRPCInferenceService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


def test_a_client_can_be_built_from_it(service: Running) -> None:
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(service.channel))
    method = pool.FindServiceByName(schema.SERVICE).methods_by_name["ModelInfer"]
    taken, given = (message_factory.GetMessageClass(kind) for kind in (method.input_type, method.output_type))
    request = taken(model_name="toy")
    request.inputs.add(name="text", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"abc")
    call = service.channel.unary_unary(f"/{schema.SERVICE}/ModelInfer", taken.SerializeToString, given.FromString)
    assert call(request, timeout=60).model_name == "toy"


@pytest.mark.parametrize(
    "request_",
    [
        Ask(),
        Ask(file_by_filename="../../etc/passwd"),
        Ask(file_by_filename=""),
        Ask(file_containing_symbol="other.Other"),
        Ask(file_containing_symbol=".."),
        Ask(file_containing_symbol="x" * 100_000),
        Ask(file_containing_extension={"containing_type": "inference.ModelInferRequest", "extension_number": -1}),
        Ask(file_containing_extension={"containing_type": "other", "extension_number": 1}),
        Ask(all_extension_numbers_of_type="other"),
        Ask(all_extension_numbers_of_type="inference.ModelInferRequest"),
    ],
    ids=range(10),
)
def test_odd_questions_have_answers(service: Running, request_: reflection_pb2.ServerReflectionRequest) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    (answer,) = stub.ServerReflectionInfo(iter([request_]), timeout=60)
    assert answer.WhichOneof("message_response") in {"error_response", "all_extension_numbers_response"}


def test_a_stream_that_stays_open_has_a_deadline(start: Start) -> None:
    import threading

    from seatrial.serve.settings import ServeSettings

    service = start(ServeSettings(timeout_ms=300))
    done = threading.Event()

    def asking():
        yield Ask(list_services="")
        done.wait(5)

    answers = reflection_pb2_grpc.ServerReflectionStub(service.channel).ServerReflectionInfo(asking())
    assert next(answers).HasField("list_services_response")
    with pytest.raises(grpc.RpcError) as raised:
        next(answers)
    done.set()
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
