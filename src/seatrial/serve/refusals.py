"""The one table from exceptions to refusals: what a client is told, whatever protocol it speaks.

A message never holds a path, a traceback or the name of anything inside; what went wrong inside goes to the log.
Refuses to know: how a protocol spells a refusal.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from seatrial.errors import BusyError, DeadlineError, QuotaError, RequestError

__all__ = ["Refusal", "refusal_of"]

LOG = logging.getLogger("seatrial.serve")

# Reasons are labels of metrics: a fixed few.
REASONS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    408: "slow_client",
    409: "conflict",
    413: "too_large",
    415: "malformed",
    422: "unusable",
    431: "too_large",
}
GRPC_STATUS = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "FAILED_PRECONDITION",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer.

    Attributes:
        status: HTTP status.
        grpc_status: name of the gRPC status.
        reason: one of a fixed few words, for metrics.
        message: what happened.
        hint: what to do next.
        retry_after_s: when to try again; None where the same request would be refused again.
    """

    status: int
    grpc_status: str
    reason: str
    message: str
    hint: str | None = None
    retry_after_s: int | None = None

    @property
    def told(self) -> str:
        """Message and hint in one sentence, for protocols that have a place for one string only."""
        return self.message if self.hint is None else f"{self.message}; {self.hint}"


def refusal_of(error: BaseException) -> Refusal:
    """What to tell the client about `error`; anything that no client caused is logged and told as a failure."""
    match error:
        case RequestError():
            reason = REASONS.get(error.status, "malformed")
            grpc_status = GRPC_STATUS.get(error.status, "INVALID_ARGUMENT")
            return Refusal(error.status, grpc_status, reason, error.message, error.hint)
        case QuotaError():
            return Refusal(429, "RESOURCE_EXHAUSTED", "quota", error.message, error.hint, error.retry_after_s)
        case DeadlineError():
            return Refusal(503, "DEADLINE_EXCEEDED", "deadline", error.message, error.hint, error.retry_after_s)
        case BusyError():
            return Refusal(503, "UNAVAILABLE", "busy", error.message, error.hint, error.retry_after_s)
        case _:
            LOG.error("a request failed", exc_info=error)
            return Refusal(
                500, "INTERNAL", "failed", "the service failed to answer", "try again; its log has the details"
            )
