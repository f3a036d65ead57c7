"""Refusals as gRPC statuses: code and message, and where trying again helps, when.

Refuses to know: which exception means what; `serve.refusals` has the one table. Source: `google.rpc.Status` and
`google.rpc.RetryInfo`, carried in the trailing metadata as gRPC's "richer error model" has it.
"""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from seatrial.serve.refusals import Refusal

__all__ = ["DETAILS", "code_of", "details_of"]

DETAILS = "grpc-status-details-bin"


def code_of(refusal: Refusal) -> grpc.StatusCode:
    """The status code."""
    return grpc.StatusCode[refusal.grpc_status]


def details_of(refusal: Refusal) -> bytes | None:
    """The status with `RetryInfo`; None where the same request would be refused again."""
    if refusal.retry_after_s is None:
        return None
    wait = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=refusal.retry_after_s))
    packed = any_pb2.Any()
    packed.Pack(wait)
    status = status_pb2.Status(code=code_of(refusal).value[0], message=refusal.told, details=[packed])
    serialized: bytes = status.SerializeToString()
    return serialized
