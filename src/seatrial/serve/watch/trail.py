"""What becomes known of one request on its way through the service: its line in the log and its trace are made of it.

The transport begins a trail and ends it; whoever learns something in between writes it down. Refuses to know: how a
trail is logged or traced.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from seatrial.serve.call import Call
from seatrial.serve.generation.pieces import Clocks
from seatrial.serve.prediction import Prediction

__all__ = ["Trail", "begin_trail", "current_trail"]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "gRPC"})


@dataclass(slots=True)
class Trail:
    """One request, from its first header on.

    Attributes:
        request_id: also in the answer.
        method: HTTP method, "gRPC", or "_OTHER" for one that a client made up.
        traceparent: the W3C header as the client sent it.
        started_ns: nanoseconds since 1970.
        call: who calls and by which protocol; None until the request was let in.
        prediction: the answer, None unless there was one.
        generation: the same for an answer that is generated, as far as it came.
        operation: what was generated, in OpenTelemetry's words; empty where nothing was.
        predicted_ns: when it was there, nanoseconds since 1970.
        refusal: reason of the refusal, one of a fixed few words; None if there was none.
        texts: the request's texts, only where the log may hold them.
    """

    request_id: str
    method: str
    traceparent: str | None = None
    started_ns: int = field(default_factory=time.time_ns)
    call: Call | None = None
    prediction: Prediction | None = None
    generation: Clocks | None = None
    operation: str = ""
    predicted_ns: int = 0
    refusal: str | None = None
    texts: Sequence[str] | None = None

    def predicted(self, prediction: Prediction, texts: Sequence[str] | None) -> None:
        """Write down the answer, and the texts where the log may hold them."""
        self.prediction = prediction
        self.predicted_ns = time.time_ns()
        self.texts = texts

    def generated(self, clocks: Clocks, operation: str, texts: Sequence[str] | None) -> None:
        """Write down what was generated ("chat" or "text_completion"), and the texts where the log may hold them."""
        self.generation, self.operation = clocks, operation
        self.texts = texts


CURRENT: ContextVar[Trail | None] = ContextVar("seatrial_trail", default=None)


def begin_trail(request_id: str, method: str, traceparent: str | None = None) -> Trail:
    """A new trail, which is the current one for this task and those that it starts."""
    trail = Trail(request_id, method if method in METHODS else "_OTHER", traceparent)
    CURRENT.set(trail)
    return trail


def current_trail() -> Trail | None:
    """The trail of the request that this code works for; None outside of one."""
    return CURRENT.get()
