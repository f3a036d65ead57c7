"""The methods of `grpc.health.v1.Health`: what load balancers and Kubernetes ask, for the service and as a whole.

Ready is what `handlers.health` says at the moment of the question. Refuses to know: models.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from grpc_health.v1 import health_pb2

from seatrial.errors import BusyError, RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.grpc.methods import Method
from seatrial.serve.grpc.schema import SERVICE
from seatrial.serve.handlers import Handlers

__all__ = ["MAX_WATCHERS", "health_methods"]

SERVICES = ("", SERVICE)  # the empty name means the server as a whole
LOOK_EVERY_S = 0.1
MAX_WATCHERS = 64
"""Clients that are told of changes, at most: they need no key and stay, so that their number must be bounded."""

Status = health_pb2.HealthCheckResponse


def health_methods(handlers: Handlers) -> list[Method]:
    """Ask about one, ask about all, or be told of changes."""
    watchers = 0

    def status_of(service: str) -> int:
        if service not in SERVICES:
            return int(Status.SERVICE_UNKNOWN)
        return int(Status.SERVING if handlers.health.ready else Status.NOT_SERVING)

    async def check(request: Any, _: Call) -> Any:
        status = status_of(request.service)
        if status == Status.SERVICE_UNKNOWN:
            raise RequestError("there is no such service", status=404, hint=f"ask for {SERVICE}, or for none")
        return Status(status=status)

    async def watch(requests: AsyncIterator[Any], _: Call) -> AsyncIterator[Any]:
        nonlocal watchers
        if watchers >= MAX_WATCHERS:
            raise BusyError("too many clients watch already")
        told, watchers = None, watchers + 1
        try:
            request = await anext(requests, None)
            if request is None:
                raise RequestError("there is no message in the call", status=400)
            while True:
                status = status_of(request.service)
                if status != told:
                    yield Status(status=status)
                    told = status
                if not handlers.health.ready:  # for good: a stream that stayed would hold up the end
                    return
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            watchers -= 1

    async def every(_: Any, __: Call) -> Any:
        return health_pb2.HealthListResponse(
            statuses={service: Status(status=status_of(service)) for service in SERVICES}
        )

    path = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
    return [
        Method(f"{path}/Check", Access.PUBLIC, health_pb2.HealthCheckRequest, check),
        Method(f"{path}/List", Access.PUBLIC, health_pb2.HealthListRequest, every),
        Method(f"{path}/Watch", Access.PUBLIC, health_pb2.HealthCheckRequest, stream=watch, lasting=True),
    ]
