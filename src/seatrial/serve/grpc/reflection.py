"""The method of `grpc.reflection.v1alpha.ServerReflection`: tools such as grpcurl ask it what there is to call.

Refuses to know: what the services do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from grpc_reflection.v1alpha import reflection, reflection_pb2

from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.grpc.methods import Method
from seatrial.serve.grpc.schema import pool

__all__ = ["reflection_methods"]


def reflection_methods(services: list[str]) -> list[Method]:
    """Descriptions of `services` and of reflection itself."""
    answering = reflection.aio.ReflectionServicer([*services, reflection.SERVICE_NAME], pool())

    async def describe(requests: AsyncIterator[Any], _: Call) -> AsyncIterator[Any]:
        async for answer in answering.ServerReflectionInfo(requests, None):
            yield answer

    path = f"{reflection.SERVICE_NAME}/ServerReflectionInfo"
    return [Method(path, Access.PREDICT, reflection_pb2.ServerReflectionRequest, stream=describe)]
