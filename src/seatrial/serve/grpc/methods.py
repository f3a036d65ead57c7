"""What a gRPC method is: the one table that the server and its authorisation are made from.

A gRPC service is a file that gives a list of methods. Refuses to know: what any of them does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from seatrial.serve.access import Access
from seatrial.serve.call import Call

__all__ = ["Answer", "Method", "Stream"]

Answer = Callable[[Any, Call], Awaitable[Any]]
Stream = Callable[[AsyncIterator[Any], Call], AsyncIterator[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a service; it has either `answer` or `stream`.

    Attributes:
        path: `package.Service/Method`; a label of metrics.
        access: who may use it. There is no default: every method has a decision.
        request: class of the message that it takes.
        answer: a message → a message.
        stream: any number of messages → any number of messages.
        lasting: a stream that goes on until its client or the service ends it; others have a deadline.
    """

    path: str
    access: Access
    request: Any
    answer: Answer | None = None
    stream: Stream | None = None
    lasting: bool = False
